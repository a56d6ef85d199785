from services.logs.templates import group_templates, template_text


def test_paths_addresses_and_values_are_variable():
    assert template_text("open /var/lib/<*>/x.db failed") == "open <*> failed"
    assert template_text("GET https://a.example/x?y=z done") == "GET <*> done"
    assert template_text("mail to ann@example.com bounced") == "mail to <*> bounced"
    assert template_text("state=idle user=bob") == "state=<*> user=<*>"


def test_a_place_that_takes_many_words_is_variable():
    users = ["ann", "bob", "cyd", "dan", "eve", "fay", "gus"]
    texts, of_skeleton = group_templates([f"Invalid user {user} from <*>" for user in users] + ["Server listening"])
    assert texts == ["Invalid user <*> from <*>", "Server listening"]
    assert of_skeleton == [0] * 7 + [1]


def test_a_few_different_words_are_different_events():
    texts, _ = group_templates([f"Connection {state} by peer" for state in ("reset", "closed", "accepted")])
    assert len(texts) == 3


def test_exception_classes_never_become_variable():
    names = ["IoError", "EofException", "KeyError", "ValueError", "TypeError", "OsError", "DbException"]
    texts, _ = group_templates([f"caught {name} in worker" for name in names])
    assert len(texts) == 7
