from services.diagnosis.landmarks import find_landmarks


def test_the_failing_step_is_between_its_opening_mark_and_its_exit(scanned):
    marks = find_landmarks(
        scanned(
            [
                "travis_time:start:1\r$ bundle install",
                'The command "bundle install" exited with 0.',
                "travis_time:start:2\r$ rake",
                "1 example, 1 failure",
                'The command "rake" exited with 1.',
                "travis_time:start:3\r$ upload",
            ]
        )
    )
    assert (marks.step_start, marks.first_exit, marks.last_end, marks.has_ends) == (2, 4, 4, True)


def test_an_exit_of_zero_ends_nothing(scanned):
    marks = find_landmarks(scanned(["ok", 'The command "x" exited with 0.']))
    assert not marks.has_ends


def test_codes_that_mean_killed(scanned):
    killed, failed = find_landmarks(scanned(["The job exited with 137.", "The job exited with 1."])).of_line
    assert (killed.is_kill, failed.is_kill) == (True, False)


def test_rulers_blanks_and_dull_lines(scanned):
    ruler, blank, dull, text = find_landmarks(scanned(["=" * 80, "", "0x3f 99 ,, 17", "the words of a line"])).of_line
    assert ruler.is_ruler
    assert blank.is_blank
    assert dull.is_dull
    assert not (text.is_dull)
    assert not (text.is_blank)
    assert not (text.is_ruler)
