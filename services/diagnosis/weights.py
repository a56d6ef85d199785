"""Every weight of the ranking, each with its reason. Points add up; the unit is arbitrary.

Those of builds were set by hand first, then fitted to labelled build logs: the weights under which the marked lines
are likeliest to be drawn, by their points as log odds, held near the first ones. benchmarks/ranking_weights.py fits
them anew from nothing but what speaks for a line and what against it, and judges each project's logs by weights that
never saw them.
"""

# What the words say. Of several classes the best counts whole and the others by OVERLAP: they say the same thing.
WORDS = {
    "compile_error": 3.0,  # file, place and "error": as direct as evidence gets
    "crash": 3.4,  # a process that died says so once
    "exception": 2.4,  # an exception's class and message
    "test_failure": 2.2,  # the head of one test's failure
    "error_head": 2.2,  # a line that opens with ERROR
    "expectation": 2.9,  # expected and actual: the core of a failed assertion
    "assertion_detail": 1.6,  # pytest's explanation
    "fatal": 1.3,
    "unhandled": 1.4,  # opens a trace; the exception itself is below it
    "cross": 1.9,  # the mark many test runners print
    "numbered": 1.7,  # "1) name" in a list of failures
    "located": 3.1,  # a file and a place, often the context of an error
    "exhausted": 3.4,  # a disk, memory or table that is full: what fails afterwards fails of it
    "environment": 1.6,  # network, disk, permissions, time
    "level_error": 1.3,  # the program's own word for it
    "cause": 1.0,
    "inability": 1.6,
    "error_word": 1.2,
    "failure_word": 0.1,
    "level_info": -1.3,  # failures are told at a higher level
    "exit": -0.3,  # reports a failure, seldom explains it
    "summary": -0.7,
    "warning": -0.6,
    "frame": -0.8,  # a stack frame belongs to the head above it
    "script": -1.4,  # a command that mentions an error is not one
    "noise": -1.1,
    "benign": -1.9,  # "0 errors"
    "passed": -2.6,
    "instruction": -12.0,  # addresses the reader: no record of anything that happened
    "wrapper": -2.9,  # only reports a failure elsewhere: the commonest wrong answer
}
# What differs where a service speaks of its work, set by hand: it has no tests, no steps and no compiler.
SERVICE_WORDS = WORDS | {
    "crash": 3.5,
    "fatal": 2.2,  # the program's word for its own end
    "environment": 1.8,  # what services die of
    "cause": 1.6,
    "expectation": 0.8,
    "located": 0.5,  # where in the source the line was logged
    "failure_word": 0.7,
    "inability": 1.2,
    "error_word": 0.8,
    "cross": 0.0,
    "numbered": 0.0,
    "script": 0.0,
    "warning": 0.4,  # the program's word for what should not be
    "level_info": -0.8,
    "benign": -1.5,
    "noise": -0.5,
    "wrapper": -1.5,
}
OVERLAP = 0.3
WRAPPER_WORDS_CAP = 0.5

# Where a line stands and what it looks like (traits.py).
TRAITS = {
    "red": 1.5,  # printed in red
    "like_first": 0.5,  # the first of its likes: people mean the first failure, not the loudest
    "like_later": -1.3,  # times log2(nth)/5, up to once
    "early_hot": 1.3,  # times 1/(1+n/5): n hot lines of the step came before
    "before_wrapper": 1.9,  # times exp(-distance/10): the cause stands just before the first report of it
    "past_wrapper": -0.5,  # behind the first report of the failing step
    "past_exit": -0.2,  # behind the failing step's exit: clean-up
    "near_end": 0.9,  # times exp(-distance/15) to the next end marker
    "mid_end": 0.8,  # the same, with 120
    "after_end": -1.5,  # behind the last end marker
    "in_step": 1.5,  # within the failing step
    "first_hot": 0.1,  # the failing step's first hot line
    "burst_head": 1.8,  # a hot line after eight that are not
    "previous_hot": 0.9,  # just below a hot line: its explanation
    "next_hot": 0.5,
    "next_frame": 1.7,  # a stack follows: this is the head of a trace
    "after_head": 1.7,  # within a dozen lines of a test's or cause's head
    "paragraph": 0.4,  # another line of the paragraph is hot
    "section": 2.4,  # inside a failure section
    "section_top": 1.2,  # its first lines tell, its middle repeats
    "before_section": -2.5,  # a progress line that says FAILED repeats what the section explains
    "blank_above": 0.5,
    "late": 0.9,  # times the share of the log before it
    "short": -0.7,  # hardly room to say what went wrong
    "dull": -1.9,  # rulers, hashes: hardly a letter
    "killed": 3.1,  # an exit code that says killed or timed out is the cause itself
    "bare_exit": 0.7,  # nothing hot came before the exit: then the exit is all there is
    "new": 1.5,  # not in the baseline
    "known": -3.0,  # a good run says it too
}

# How a kind of line runs over time, in the log of a service.
BACKGROUND = -3.0  # there all along: not what happened now
DOMINANT_SHARE = 0.02  # of all lines: a log that is full of it tells of nothing else
NEW_KIND = 2.0  # never before the trouble; less where new kinds keep coming anyway
SPOKE_FIRST = 4.0  # about the time when most new trouble appears; times exp(-t/60) after, exp(-t/180) before
TOLD_BEFORE = 2.0  # times SPOKE_FIRST, for what spoke up within three minutes before most of the others
KNOWN_PROBLEM = 1.5  # of the catalogue: somebody has seen it break something
FORGEABLE = -4.0  # a line that stands in no service's own form: an attacker's, or a user's, or cut
STRANGER = 0.8  # a component that had not spoken before
WORTH_TELLING = 1.0  # below it a service's line is no finding
NEAR_ONSET = 0.3  # so near to it even a kind without a telling word is looked at

# What is seen in how lines run over time, files and components (Signal.strength, 0..6).
LEADING_SIGNAL = 2.0  # so strong a sign of who failed first comes before all lines
LEADS_BY = 2.0
LIKELY_SIGNAL = 3.5  # and makes it likely
TELLING_SIGNAL = 3.0  # worth a finding of its own
NAMED_CHANGE = 1.5  # worth a word in the first finding: all but what was done long before too, and a restart far away

# When nothing stands out in services' logs. So it is in half of the generated healthy ones, and in few of those with a
# failure that is told once; but of those in too many to name no lead at all.
WORTH_A_LOOK = 1.0  # so strong a signal stands out
PLAIN_WORD = 1.6  # so does a line of an exception, a crash, a refused connection
PLAIN_SCORE = 7.0  # or of which much else speaks
FAINT_CONFIDENCE = 0.2  # the most that is said of a lead where nothing does

# When the first finding may say "likely": thresholds read off logs of projects that the weights were fitted without.
LIKELY_WORD = 1.3  # its best word class
LIKELY_SCORE = 8.0
PRECEDING_WORD = 0.5  # what sounds so bad, and came to a service shortly before, may have led to it
LIKELY_MARGIN = 2.25  # ahead of the next different place
CLOSE_SECONDS = 30  # so shortly before the first, anything new may have led to it
FOLLOWS_SECONDS = 300  # so long after the first, what is new in services may be its consequence and no rival

# When it may say "confirmed".
CONFIRMED_WORD = 2.0  # direct evidence: an error with its place, an exception, a crash
CONFIRMED_MARGIN = 4.0  # and no rival

# How much a line near a telling one tells with it.
OWN_POINTS = 0.4  # this share of its own points, the rest of those of the line it stands by
LINE_AWAY = -0.1  # for each line between them; what stands above tells half as long

TELLING_DRIFT = 0.8  # log2 of one plus the relative change: a number that moved by three quarters of its level
