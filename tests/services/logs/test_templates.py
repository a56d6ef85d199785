import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.logs.templates import _may_vary, group_templates, template_text


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


@pytest.mark.parametrize(
    ("skeleton", "template"),
    [
        ("boot = -<*>, init = <*>", "boot = <*>, init = <*>"),
        ("index:-<*> x", "index:<*> x"),
        ("lookup of ns.example.co.uk failed", "lookup of <*> failed"),
        ("Resolved SA-<*>.corp.example.com to x", "Resolved <*> to x"),
        ('tag="View Lock", ws=<*>', "tag=<*>, ws=<*>"),
        ("chip FF:<*>:EB:<*> up", "chip <*> up"),
        ("closed at Fri Jun <*> <*> PDT <*> by x", "closed at <*> by x"),
        ("chdir(/a/b///) failed", "chdir(<*>) failed"),
    ],
)
def test_signs_names_and_dates_are_variable(skeleton, template):
    assert template_text(skeleton) == template


@pytest.mark.parametrize(
    "telling",
    [
        "failed with status=503 now",
        "failed with code=137 now",
        "failed with errno=13 now",
        "failed error=ECONNREFUSED now",
        "failed cause=java.io.IOException now",
        "failed with org.x.y.PoolException here",
        "org.example.pool.Closed: no connection",
        "check pass; user unknown",
        'failed err="no space left" now',
        "action android.intent.action.SCREEN_OFF received",
        "failed ORA-00942: no table",
        "failed sqlstate=SQLSTATE-23505 now",
    ],
)
def test_what_tells_what_happened_is_never_masked(telling):
    assert template_text(telling) == telling


def test_statuses_codes_and_errno_names_are_never_merged():
    for words in (
        ["ECONNREFUSED", "ETIMEDOUT", "EPIPE", "ENOENT", "EACCES", "EMFILE", "ENOSPC"],
        ["ORA-00942", "ORA-00001", "ORA-12154", "ORA-01017", "ORA-04031", "ORA-00600", "ORA-03113"],
        ["500", "502", "503", "504", "404", "403", "401"],
    ):
        texts, _ = group_templates([f"the call to the other side ended with {word} at last" for word in words])
        assert len(texts) == 7


def test_a_word_where_a_long_sentence_is_known_to_vary_is_a_value():
    long, short = "the answer for tenant {} came back from shard <*>", "tenant {} done"
    texts, of_skeleton = group_templates([form.format(name) for form in (long, short) for name in ("<*>", "acme")])
    assert texts == [long.format("<*>"), short.format("<*>"), short.format("acme")]
    assert of_skeleton == [0, 0, 1, 2]


def test_a_form_is_the_same_wherever_its_members_differ_from_it():
    first = [f"moved {word} to <*>" for word in ("ann", "bob", "cid")]
    second = [f"moved <*> to {word}" for word in ("dan", "eve", "fay")]
    assert group_templates([*first, *second])[0] == ["moved <*> to <*>"]
    assert len(group_templates([*first, *second[:2]])[0]) == 5


@given(
    st.lists(st.lists(st.sampled_from(["a", "b", "c", "<*>", "IOError"]), min_size=1, max_size=8), max_size=30).flatmap(
        lambda skeletons: st.tuples(st.just(skeletons), st.permutations(skeletons))
    )
)
def test_the_order_of_lines_changes_no_template(orders):
    groups = []
    for skeletons in orders:
        texts = [" ".join(words) for words in skeletons]
        templates, of_skeleton = group_templates(texts)
        groups.append({text: templates[index] for text, index in zip(texts, of_skeleton, strict=True)})
    assert groups[0] == groups[1]


@pytest.mark.parametrize("char", ["$", "."])
def test_a_long_word_of_signs_costs_no_more_than_its_length(char):
    begin = time.process_time()
    _may_vary(char * 20_000)
    assert time.process_time() - begin < 1
