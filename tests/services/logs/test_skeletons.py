from services.logs.skeletons import skeleton


def test_variable_tokens_become_one():
    assert skeleton("user 17 from 10.0.0.1:8080 took 12ms") == "user <*> from <*> took <*>"
    assert skeleton("größe42 of é7") == "<*> of <*>"
    assert skeleton("order 550e8400-e29b-41d4-a716-446655440000 ok") == "order <*> ok"


def test_what_a_diagnosis_needs_stays():
    assert skeleton("exited with 0.") == "exited with 0."
    assert skeleton("exited with 1.") == "exited with <*>."
    assert skeleton("The command exited with 137.") == "The command exited with 137."
    assert skeleton('"GET /x HTTP/1.1" 503 12') == '"GET /x HTTP/<*>" 503 <*>'
    assert skeleton("upstream: HTTP/1.1 504 Gateway Timeout") == "upstream: HTTP/<*> 504 Gateway Timeout"
    assert skeleton("upstream said HTTP 503 twice") == "upstream said HTTP 503 twice"
    assert skeleton("[Errno 111] refused, errno=111") == "[Errno 111] refused, errno=111"
    assert skeleton("SQLSTATE[23505]: unique, SQLSTATE 42P01") == "SQLSTATE[23505]: unique, SQLSTATE 42P01"
    assert skeleton("it said ORA-00942.") == "it said ORA-00942."
    assert skeleton("ORA-00942: table missing") == "ORA-00942: table missing"
    assert skeleton("error TS2304: Cannot find name") == "error TS2304: Cannot find name"
    assert skeleton("java.lang.OutOfMemoryError: heap") == "java.lang.OutOfMemoryError: heap"
