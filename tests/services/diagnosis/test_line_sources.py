from services.diagnosis.line_sources import components_of


def test_a_column_of_a_table_names_the_service(scanned):
    lines = ["time,service,severity,msg", *['2026-11-22T07:00:00Z,cart,INFO,"one, two"'] * 3]
    assert list(components_of(scanned([*lines, "2026-11-22T07:00:00Z,mail,INFO,sent"]))) == ["service", "cart", "mail"]


def test_the_first_word_names_it_where_a_tool_joined_logs(scanned):
    lines = [f"{name} 2026-11-22 07:00:00 said something" for name in ("cart-5331f6fb0-d0613", "mail-77d1aa5b9-x2x4z")]
    assert set(components_of(scanned(lines * 5))) == {"cart", "mail"}


def test_prose_names_nothing(scanned):
    lines = [f"{word} happened here" for word in ("nothing", "something", "all", "much")] + ["it went on"] * 9
    assert set(components_of(scanned(lines))) <= {None}


def test_what_lines_say_of_themselves_is_believed(scanned):
    lines = ['{"service": "cart", "message": "one"}'] * 5
    assert set(components_of(scanned(lines))) == {"cart"}
