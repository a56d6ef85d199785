"""What the words of a line say: the classes of evidence, judged once per shape of line.

A class is a pattern behind a gate: the pattern is tried only where one of its stems occurs in the lower-cased
text, for most lines of a log hold none. Patterns see the message without time, level and component, its
variable parts masked as `<*>` but for a lone 0, error statuses and error codes.
"""

import re
from dataclasses import dataclass

JUDGED_CHARS = 600


@dataclass(frozen=True, slots=True)
class WordClass:
    """A named kind of wording. Empty `stems`: the pattern is cheap, or has no stem, and is always tried."""

    name: str
    pattern: re.Pattern[str]
    stems: tuple[str, ...] = ()


def _class(name: str, *alternatives: str, stems: str = "") -> WordClass:
    scoped = [f"(?i:{rest})" if (rest := text.removeprefix("(?i)")) != text else text for text in alternatives]
    return WordClass(name, re.compile("|".join(scoped)), tuple(stem.replace("<", " ") for stem in stems.split()))


# A word by itself: not a piece of a path, an option or an identifier.
_ALONE = r"(?<![\w./$-])"
_NOT_NAMED = r"(?![\w./(-]*[./_(]\w)"
_FILE = r"(?:[A-Za-z]:)?[\w./\\@+~<>*-]*\w\.[A-Za-z]\w{0,5}"
_PLACE = r"(?::<\*>|\(<\*>[^)]{0,12}\)|, line <\*>|:\[<\*>[^\]]{0,12}\])"

WORD_CLASSES: tuple[WordClass, ...] = (
    _class(
        "compile_error",
        rf"(?:^|[\s>\]]){_FILE}{_PLACE}[^A-Za-z]{{0,12}}(?i:fatal |syntax )?(?i:error)\b",
        r"\berror(?:\[[\w<*>]+\]| [A-Z]{1,4}-?(?:<\*>|\d+)): ",
        r"^\s+<\*>[:<*>]* +(?:error|✖) ",
        rf"^\[?(?i:error)\]?:? {_FILE}{_PLACE}",
        r"undefined reference to|^ld: |linker command failed|unresolved (?:import|symbol|reference|external)",
        stems="error undefined ld: linker unresolved",
    ),
    _class("located", rf"^\s*(?:\[\w+\]\s*)?{_FILE}{_PLACE}[:\s]\s*\S"),
    _class(
        "exception",
        r"^\W{0,6}(?:[\w>|]+ )?(?:Caused by:? |Exception in thread \S+ )?(?:[\w$]+[.:/\\]+)*"
        r"[A-Z][\w$]*(?:Error|Exception|Failure|Fault|Interrupt)\b(?:\:|\s*$| -| \()",
        stems="error exception failure fault interrupt",
    ),
    _class(
        "cause",
        r"(?i)^\s*caused by\b|^\s*(?:root )?cause: |^\s*because\b|^\s*reason: ",
        stems="cause reason",
    ),
    _class(
        "unhandled",
        r"(?i)traceback \(most recent|\b(?:unhandled|uncaught)\b|terminate called|^fatal error",
        stems="traceback unhandled uncaught terminate fatal",
    ),
    _class(
        "crash",
        r"(?i)\bpanicked at\b|^panic: |segmentation fault|\bsegfault|core dumped|\bsig(?:segv|abrt|bus|ill|kill)\b",
        r"(?i)addresssanitizer|\bout of memory\b|outofmemory|\boom[- ]?kill|^killed\b|: killed\b|double free",
        r"(?i)stack overflow|\bbus error\b|assertion .{0,80}failed|kernel panic|crashloop",
        stems="panic segmentation segfault core sig addresssan memory oom kill double overflow bus assertion crashloop",
    ),
    _class(
        "fatal",
        _ALONE + r"(?:FATAL|Fatal|fatal|CRITICAL|EMERG|PANIC)\b(?![./_-]\w)",
        stems="fatal critical emerg panic",
    ),
    _class(
        "error_head",
        r"^\W{0,12}(?:\S{1,40}: )?(?:ERROR|Error|error|E|ERR|ERR!|FAILURE|Failure)\W{0,3}[:!\]]\s*\S",
        r"^\W{0,4}(?:ERROR|Error|ERR!)\s+\S|##\[error\]|\bERR! ",
        stems="err e: e] failure",
    ),
    _class("error_word", _ALONE + r"(?i:errors?|errored|err)\b" + _NOT_NAMED, stems="err"),
    _class(
        "test_failure",
        r"^_{3,} .+ _{3,}$|^---+ .* stdout ---+$|^\s*--- FAIL|^\s*not ok (?:<\*>|\d)|<<< (?:FAILURE|ERROR)!|^\s*● ",
        r"\*\*\* FAILED|^\W{0,3}\[  FAILED  \]|^(?:FAIL|FAILED|ERROR|Failed)(?::|\s+)\s*(?!to\b)\S|\.\.\. (?:FAILED|"
        r"FAIL|ERROR)",
        r"\b(?:FAILED|FAIL)\s*$|^\s*\*\*\*.*\bFAIL|^={3,} (?:FAIL|ERROR)",
        stems="___ stdout fail error ● ok",
    ),
    _class("cross", r"^\s*(?:\[\w+\]\s*)?[✗✖✘×❌\u2a2f☓]|[✗✖✘❌]\s|^\s*\[(?:x|-|FAIL|KO)\] "),
    _class("numbered", r"^\s*(?:<\*>|\d+)\) \S"),
    _class(
        "expectation",
        r"(?i)\bexpect(?:ed|ation)\b.{0,160}\b(?:got|but|actual|received|to (?:be|eq|equal|include|match|have)|"
        r"instead)\b",
        r"^\s*(?:Expected|Actual|Received|Failure/Error|Diff|expected|actual)\b.{0,12}:",
        r"AssertionError|(?i:assert(?:ion)? failed)|^\s*>? ?assert |Failed asserting",
        stems="expect actual received failure/ diff assert",
    ),
    _class("assertion_detail", r"^E {2,}\S"),
    _class("failure_word", _ALONE + r"(?i:failed|failures?|failing|fails?)\b" + _NOT_NAMED, stems="fail"),
    _class(
        "inability",
        r"(?i)\b(?:could ?n[o']t|can ?not|can't|unable to|failed to|failure to|did not|do(?:es)?n[o']t exist|"
        r"does not exist)\b",
        r"(?i)\bnot (?:found|be found|available|installed|exist|permitted|allowed|supported|declared|defined|in "
        r"scope)\b",
        r"(?i)\b(?:no such|no matching|no module named|missing|undefined|invalid|illegal|unexpected|unknown|"
        r"unsupported)\b",
        r"(?i)\b(?:unrecogni[sz]ed|mismatch|forbidden|unauthorized|corrupt\w*|broken|malformed|duplicate (?:key|"
        r"entry)|refused)\b",
        stems="not n't unable fail no missing undefined invalid illegal un mismatch forbidden corrupt broken "
        "malformed duplicate refused",
    ),
    _class(
        "environment",
        r"(?i)\bpermission denied|no space left|disk (?:is )?full|command not found|timed? ?out\b|timeout\b|"
        r"deadline exceeded",
        r"(?i)\bconnection (?:refused|reset|closed|lost)|unreachable|could not resolve|name resolution|not "
        r"resolve host",
        r"(?i)\bbroken pipe|access denied|rate limit|too many (?:requests|open files|connections)|quota|"
        r"\bexpired\b|throttl",
        r"\b(?:ECONN\w+|ETIMEDOUT|ENOENT|EACCES|ENOSPC|EPIPE|ENOTFOUND|EMFILE)\b|(?i:\b(?:is|are|went|peer|host|"
        r"node|link|server|service|interface|broker|replica|port) down\b)",
        r"(?i)\b(?:40[34]|50[0-4]) (?:not found|forbidden|internal|bad gateway|service unavailable)|deadlock|"
        r"stalled\b|conflict\b",
        r"(?i)no output has been received|exceed(?:s|ed|ing)\b|still waiting for|lock wait|waiting for \S*lock|"
        r"blocked by|slow query|exhausted|degrad(?:ed|ation)|spike\b|unhealthy|"
        r"unavailable",
        stems="denied space disk command time deadline connection unreach resol pipe rate too quota expired "
        "throttl econn etim "
        "enoent eacces enospc epipe enotfound emfile down not forbidden internal gateway unavail deadlock "
        "stalled conflict "
        "waiting lock blocked slow output exceed exhaust degrad spike unhealthy",
    ),
    _class(
        "exit",
        r"(?i)\bexit(?:ed)?(?: with)?(?: (?:code|status|value))?:? \(?(?:<\*>|[1-9])|returned (?:non-?zero|a "
        r"non-zero|error code)",
        r"(?i)\bmake(?:\[<\*>\])?: \*\*\*|process completed with exit code (?:<\*>|[1-9])|returned status code ",
        stems="exit returned make",
    ),
    _class(
        "summary",
        r"(?i)^\W*(?:your build has been stopped|done\. your build exited|build (?:failed|failure)|finished: "
        r"failure)",
        r"(?i)^\W*(?:<\*>|\d+) (?:errors?|failures?|failed|problems?|examples?|tests?|specs?|passing|failing)\b|"
        r"tests? failed\b",
        r"(?i)^\W*(?:there (?:was|were) <\*> (?:failure|error)|(?:failures?|errors?)!?:?\s*$|failed (?:tests?|"
        r"examples):?|tests: |tests run:)",
        r"(?i)^\W*(?:summary\b|npm err! (?:code|errno|a complete|this is|test failed|exit)|error: could not compile)",
        stems="build finished err fail problem example test spec passing summary",
    ),
    _class(
        "wrapper",
        # Compilers and build tools on their own failing.
        r"(?i)^\W*(?:error: |warning: )?(?:aborting due to|could not compile|build failed\b|test failed, to rerun)",
        r"(?i)\b(?:build|compilation|pipeline|job|suite|task) failed\W*$|build failed with|failed to execute goal",
        r"(?i)\bmake(?:\[<\*>\])?: \*\*\*|build step .* as failure|what went wrong|help <\*>\]\s*$|rake aborted",
        # npm and yarn: all of npm's lines but those that name a condition.
        r"(?i)^\W*(?:\S+ )?npm ERR!(?! +(?:4\d\d|missing|peer|can ?not|could not|unable|network|invalid|error|"
        r"E[A-Z]{5,})\b)",
        r"(?i)lifecycle script|npm run|error command failed",
        # A command's status, seen from outside.
        r"(?i)\bexited with (?:(?:exit )?(?:code|status) )?(?:<\*>|[1-9])|command failed|\bcommand \S+ failed",
        r"(?i)returned (?:a )?non-zero|with exit (?:code|status) (?:<\*>|[1-9])|child process",
        # Where to read more.
        r"(?i)see above for|re-?run (?:maven|with|the)|to see the full|for more information|to learn more|run with -",
        r"(?i)please (?:check|see|fix)",
        # Totals and headings of a test run.
        r"(?i)^\W*(?:FAIL|FAILED|FAILURES?|ERRORS?)\W*$|^\W*FAILURE\W+<\*>|^\W*total:|failed test|tests? failed!*$",
        r"(?i)^FAIL\s+\S+\s+<\*>s?|failed <\*> tests?|test suite .* fail|<\*> (?:out )?of <\*>.* failed",
        r"(?i)^\W*tests?:? (?:failure|failed)s?\W*$",
        stems="abort compil build pipeline job suite task goal make went help npm lifecycle command exit "
        "returned child "
        "see run learn please fail error total:",
    ),
    _class(
        "instruction",
        r"(?i)\b(?:ignore|disregard|forget) (?:all |any )?(?:of )?(?:the |your )?(?:previous|prior|above|earlier)\b",
        r"(?i)\b(?:system prompt|language model|as an ai\b|you are an? (?:ai|assistant))|"
        r"\b(?:report|say|answer|conclude) that (?:everything|all|nothing|there (?:is|was))\b",
        stems="ignore disregard forget prompt model an<ai you<are that",
    ),
    _class("warning", _ALONE + r"(?i:warn(?:ing)?s?|deprecat\w+)\b", stems="warn deprecat"),
    _class(
        "frame",
        r"^\s*(?:at |\.{3} <\*> more|File \".*\", line <\*>|from \S+:<\*>|(?:#?<\*>|#\d+)\s+0?x?<?\*?>? ?in |"
        r"\[<\*>\]\s|frame #)",
        r"\S+:<\*>:in `|^\s+at\s|^\s*\|\s|^\s+\.\.\.",
    ),
    _class(
        "benign",
        r"(?i)\b(?:0|no|zero|without(?: any)?) (?:\w+ )?(?:errors?|failures?|failed|problems?|warnings?|offenses)\b",
        r"(?i)(?:errors?|failures?|failed)\W{1,4}(?:0|none|false|null|\[\])(?![.\d])|error-free|ignor(?:ed|ing)|"
        r"\(?non-fatal",
        r"(?i)\bretry(?:ing)?\b|don't fail|allow.?fail|continu(?:e|ing) (?:on|anyway)|as expected|expected "
        r"failure|xfail",
        stems="err fail problem warning offense ignor non-fatal retry continu expected xfail",
    ),
    _class(
        "passed",
        r"(?i)(?:\.\.\.|…)\s*(?:ok|passed|done|yes|no)\s*$|^\s*(?:✓|✔|√|ok <\*>|--- pass|skip(?:ped|ping)?\b|"
        r"pass(?:ed)?\b|\[ +ok +\]|ok\b)",
        r"(?i)\b(?:pass(?:ed)?|ok)\s*$|\[ok\]",
        stems="ok pass done yes no skip ✓ ✔ √",
    ),
    _class(
        "script",
        r"^\s*(?:\$|\+{1,4}|%) \S|^\s*> Task |^\s*(?:echo|if|then|fi|elif|done|function|set -e)\b|\|\| |-Werror|"
        r"--\w*error|error\(\)",
        r"^\s*[-+*] \[?\w+",
    ),
    _class(
        "noise",
        r"(?i)^\s*(?:get:<\*>|fetch|download|progress|receiving|resolving|unpacking|setting up|selecting|"
        r"preparing|hit:<\*>|ign)",
        r"(?i)^\s*(?:installing|compiling|building|copying|creating|adding|using|npm (?:warn|http)|gem |"
        r"fetching|updating|collecting)\b",
        r"(?i)^\s*(?:requirement already|checking (?:for|whether|if)|\[<\*> ?(?:of|/) ?<\*>\])|<\*>%|\bcommit "
        r"<\*>|^remote: |^\s*\* \[new",
    ),
)
BY_NAME = {word_class.name: word_class for word_class in WORD_CLASSES}
# Says that something failed, in its own words: such a line can be the head of a failure.
HOT = frozenset(
    {
        "compile_error",
        "exception",
        "unhandled",
        "crash",
        "fatal",
        "error_head",
        "test_failure",
        "cross",
        "expectation",
        "assertion_detail",
    }
)
# Takes that back: the line reports another's failure, is about success, or is a command and not its outcome.
COLD = frozenset({"instruction", "benign", "passed", "script", "noise", "wrapper", "summary"})


def word_classes(text: str) -> frozenset[str]:
    """The names of the classes a masked message belongs to."""
    text = text[:JUDGED_CHARS]
    lowered = text.lower()
    return frozenset(
        word_class.name
        for word_class in WORD_CLASSES
        if (not word_class.stems or any(stem in lowered for stem in word_class.stems))
        and word_class.pattern.search(text)
    )
