"""What the words of a line say: the classes of evidence, judged once per shape of line.

Patterns see the message without time, level and component, its variable parts masked as `<*>` but for a lone 0,
error statuses and error codes.
"""

from services.diagnosis.gated_patterns import GatedPattern, PatternTable, Wording, either, gated
from services.logs.reader_addresses import ADDRESSES

JUDGED_CHARS = 600

# A word by itself: not a piece of a path, an option or an identifier.
_ALONE = r"(?<![\w./$-])"
_NOT_NAMED = r"(?![\w./(-]*[./_(]\w)"
_FILE = r"(?:[A-Za-z]:)?[\w./\\@+~<>*-]*\w\.[A-Za-z]\w{0,5}"
_PLACE = r"(?::<\*>|\(<\*>[^)]{0,12}\)|, line <\*>|:\[<\*>[^\]]{0,12}\])"

WORD_CLASSES: dict[str, tuple[GatedPattern, ...]] = {
    "compile_error": either(
        gated(
            "error",
            rf"(?:^|[\s>\]]){_FILE}{_PLACE}[^A-Za-z]{{0,12}}(?i:fatal |syntax )?(?i:error)\b",
            r"\berror(?:\[[\w<*>]+\]| [A-Z]{1,4}-?(?:<\*>|\d+)): ",
            rf"^\[?(?i:error)\]?:? {_FILE}{_PLACE}",
        ),
        gated("error ✖", r"^\s+<\*>[:<*>]* +(?:error|✖) "),
        gated(
            "undefined linker unresolved",
            r"undefined reference to|linker command failed|unresolved (?:import|symbol|reference|external)",
        ),
        gated("^ld:", r"^ld: "),
    ),
    "located": gated("", rf"^\s*(?:\[\w+\]\s*)?{_FILE}{_PLACE}[:\s]\s*\S"),
    "exception": gated(
        "error exception failure fault interrupt",
        r"^\W{0,6}(?:[\w>|]+ )?(?:Caused by:? |Exception in thread \S+ )?(?:[\w$]+[.:/\\]+)*"
        r"[A-Z][\w$]*(?:Error|Exception|Failure|Fault|Interrupt)\b(?:\:|\s*$| -| \()",
    ),
    "cause": gated("cause reason:", r"(?i)^\s*(?:caused by\b|(?:root )?cause: |because\b|reason: )"),
    "unhandled": either(
        gated(
            "traceback unhandled uncaught terminate",
            r"(?i)traceback \(most recent|\b(?:unhandled|uncaught)\b|terminate called",
        ),
        gated("fatal", r"(?i)^fatal error"),
    ),
    "crash": either(
        gated(
            "panicked segmentation segfault dumped sigsegv sigabrt sigbus sigill sigkill",
            r"(?i)\bpanicked at\b|segmentation fault|\bsegfault|core dumped|\bsig(?:segv|abrt|bus|ill|kill)\b",
        ),
        gated("panic: killed", r"(?i)^(?:panic: |killed\b)"),
        gated(
            "addresssan memory oom killed double",
            r"(?i)addresssanitizer|\bout of memory\b|outofmemory|\boom[- ]?kill|: killed\b|double free",
        ),
        gated(
            "overflow bus assertion panic crashloop",
            r"(?i)stack overflow|\bbus error\b|assertion .{0,80}failed|kernel panic|crashloop",
        ),
    ),
    "fatal": gated("fatal critical emerg panic", _ALONE + r"(?:FATAL|Fatal|fatal|CRITICAL|EMERG|PANIC)\b(?![./_-]\w)"),
    "error_head": either(
        gated(
            "err failure",
            r"^\W{0,12}(?:\S{1,40}: )?(?:ERROR|Error|error|ERR|ERR!|FAILURE|Failure)\W{0,3}[:!\]]\s*\S",
        ),
        gated("e: e]", r"^\W{0,12}(?:\S{1,40}: )?E[:\]]\s*\S"),
        gated("err", r"^\W{0,4}(?:ERROR|Error|ERR!)\s+\S", r"##\[error\]|\bERR! "),
    ),
    "error_word": gated("err", rf"(?i){_ALONE}(?:errors?|errored|err)\b{_NOT_NAMED}"),
    "test_failure": either(
        gated("___", r"^_{3,} .+ _{3,}$"),
        gated("stdout", r"^---+ .* stdout ---+$"),
        gated("ok", r"^\s*not ok (?:<\*>|\d)"),
        gated("●", r"^\s*● "),
        gated(
            "fail error",
            r"^(?:(?:FAIL|FAILED|ERROR|Failed)(?::|\s+)\s*(?!to\b)\S|={3,} (?:FAIL|ERROR))",
            r"<<< (?:FAILURE|ERROR)!|\.\.\. (?:FAIL|ERROR)",
        ),
        gated(
            "fail",
            r"^(?:\s*--- FAIL|\W{0,3}\[  FAILED  \]|\s*\*\*\*.*\bFAIL)",
            r"\*\*\* FAILED|\b(?:FAILED|FAIL)\s*$",
        ),
    ),
    "cross": either(
        gated("✗ ✖ ✘ × ❌ \u2a2f ☓", r"^\s*(?:\[\w+\]\s*)?[✗✖✘×❌\u2a2f☓]", r"[✗✖✘❌]\s"),
        gated("[x] [-] [fail] [ko]", r"^\s*\[(?:x|-|FAIL|KO)\] "),
    ),
    "numbered": gated(")", r"^\s*(?:<\*>|\d+)\) \S"),
    "expectation": either(
        gated(
            "expect",
            r"(?i)\bexpect(?:ed|ation)\b.{0,160}\b(?:got|but|actual|received|instead|"
            r"to (?:be|eq|equal|include|match|have))\b",
        ),
        gated(
            "expected actual received failure/error diff",
            r"^\s*(?:Expected|Actual|Received|Failure/Error|Diff|expected|actual)\b.{0,12}:",
        ),
        gated("assert", r"^\s*>? ?assert ", r"AssertionError|(?i:assert(?:ion)? failed)|Failed asserting"),
    ),
    "assertion_detail": gated("", r"^E {2,}\S"),
    "failure_word": gated("fail", rf"(?i){_ALONE}(?:failed|failures?|failing|fails?)\b{_NOT_NAMED}"),
    "inability": either(
        gated(
            "not n't unable failed failure",
            r"(?i)\b(?:could ?n[o']t|can ?not|can't|unable to|failed to|failure to|did not|do(?:es)?n[o']t exist|"
            r"does not exist)\b",
        ),
        gated(
            "not",
            r"(?i)\bnot (?:found|be found|available|installed|exist|permitted|allowed|supported|declared|defined|in "
            r"scope)\b",
        ),
        gated(
            "such matching module missing undefined invalid illegal unexpected unknown unsupported",
            r"(?i)\b(?:no such|no matching|no module named|missing|undefined|invalid|illegal|unexpected|unknown|"
            r"unsupported)\b",
        ),
        gated(
            "unrecogni mismatch forbidden unauthorized corrupt broken malformed duplicate refused",
            r"(?i)\b(?:unrecogni[sz]ed|mismatch|forbidden|unauthorized|corrupt\w*|broken|malformed|duplicate (?:key|"
            r"entry)|refused)\b",
        ),
    ),
    "exhausted": either(
        gated("space quota disk", r"(?i)\bno space left on\b|\bdisk quota exceeded\b|\bdisk (?:is )?full\b"),
        gated("memory", r"(?i)\b(?:cannot|can't|could not|unable to|failed to) (?:re)?allocate (?:\w+ )?memory\b"),
        gated("open", r"(?i)\btoo many open files\b"),
        gated("enospc enomem emfile enfile edquot", r"\b(?:ENOSPC|ENOMEM|EMFILE|ENFILE|EDQUOT)\b"),
    ),
    "environment": either(
        gated(
            "denied space disk command deadline",
            r"(?i)\bpermission denied|no space left|disk (?:is )?full|command not found|deadline exceeded",
        ),
        gated("time", r"(?i)timed? ?out\b"),
        gated(
            "connection unreachable resol",
            r"(?i)\bconnection (?:refused|reset|closed|lost)|unreachable|could not resolve|name resolution|not "
            r"resolve host",
        ),
        gated(
            "pipe denied limit many quota expired throttl",
            r"(?i)\bbroken pipe|access denied|rate limit|too many (?:requests|open files|connections)|quota|"
            r"\bexpired\b|throttl",
        ),
        gated(
            "econn etimedout enoent eacces enospc epipe enotfound emfile",
            r"\b(?:ECONN\w+|ETIMEDOUT|ENOENT|EACCES|ENOSPC|EPIPE|ENOTFOUND|EMFILE)\b",
        ),
        gated(
            "down",
            r"(?i)\b(?:is|are|went|peer|host|node|link|server|service|interface|broker|replica|port) down\b",
        ),
        gated(
            "403 404 500 501 502 503 504 deadlock stalled conflict",
            r"(?i)\b(?:40[34]|50[0-4]) (?:not found|forbidden|internal|bad gateway|service unavailable)|deadlock|"
            r"stalled\b|conflict\b",
        ),
        gated(
            "received exceed waiting lock slow exhausted degrad spike unhealthy unavailable",
            r"(?i)no output has been received|exceed(?:s|ed|ing)\b|still waiting for|lock wait|waiting for \S*lock|"
            r"blocked by|slow query|exhausted|degrad(?:ed|ation)|spike\b|unhealthy|unavailable",
        ),
    ),
    "exit": either(
        gated(
            "exit returned",
            r"(?i)\bexit(?:ed)?(?: with)?(?: (?:code|status|value))?:? \(?(?:<\*>|[1-9])|returned (?:non-?zero|a "
            r"non-zero|error code|status code )",
        ),
        gated("make", r"(?i)\bmake(?:\[<\*>\])?: \*\*\*"),
    ),
    "summary": either(
        gated(
            "build finished:",
            r"(?i)^\W*(?:your build has been stopped|done\. your build exited|build (?:failed|failure)|finished: "
            r"failure)",
        ),
        gated(
            "err fail problem example test spec passing",
            r"(?i)^\W*(?:<\*>|\d+) (?:errors?|failures?|failed|problems?|examples?|tests?|specs?|passing|failing)\b",
        ),
        gated("failed", r"(?i)tests? failed\b"),
        gated(
            "err fail test",
            r"(?i)^\W*(?:there (?:was|were) <\*> (?:failure|error)|(?:failures?|errors?)!?:?\s*$|failed (?:tests?|"
            r"examples|(?:components|modules|suites|targets):)|tests: |tests run:)",
        ),
        gated(
            "summary err",
            r"(?i)^\W*(?:summary\b|npm err! (?:code|errno|a complete|this is|test failed|exit)|error: could not "
            r"compile)",
        ),
    ),
    "wrapper": either(
        # Compilers and build tools on their own failing.
        gated(
            "aborting compile build rerun",
            r"(?i)^\W*(?:error: |warning: )?(?:aborting due to|could not compile|build failed\b|test failed, to rerun)",
        ),
        gated(
            "failed",
            r"(?i)\b(?:build|compilation|pipeline|job|suite|task) failed\W*$|build failed with|failed to execute goal",
        ),
        gated(
            "make failure went help aborted",
            r"(?i)\bmake(?:\[<\*>\])?: \*\*\*|build step .* as failure|what went wrong|help <\*>\]\s*$|rake aborted",
        ),
        gated("incomplete", r"(?i)\bconfiguring incomplete\b"),
        # npm and yarn: all of npm's lines but those that name a condition.
        gated(
            "err!",
            r"(?i)^\W*(?:\S+ )?npm err!(?! +(?:4\d\d|missing|peer|can ?not|could not|unable|network|invalid|error|"
            r"e[a-z]{5,})\b)",
        ),
        gated("lifecycle npm command", r"(?i)lifecycle script|npm run|error command failed"),
        # A command's status, seen from outside.
        gated(
            "exited command",
            r"(?i)\bexited with (?:(?:exit )?(?:code|status) )?(?:<\*>|[1-9])|command failed|\bcommand \S+ failed",
        ),
        gated(
            "returned exit child",
            r"(?i)returned (?:a )?non-zero|with exit (?:code|status) (?:<\*>|[1-9])|child process",
        ),
        gated("exit", r"(?i)^\W*(?:\S{1,80} )?exit (?:code|status):? (?:<\*>|[1-9])\W*$"),
        # Where to read more.
        gated(
            "above run full information learn",
            r"(?i)see above for|re-?run (?:maven|with|the)|to see the full|for more information|to learn more|run with "
            r"-",
        ),
        gated("please", r"(?i)please (?:check|see|fix|refer)"),
        # Totals and headings of a test run.
        gated(
            "fail err total:",
            r"(?i)^\W*(?:(?:fail|failed|failures?|errors?)\W*$|failure\W+<\*>|total:|tests?:? (?:failure|failed)s?"
            r"\W*$)",
        ),
        gated(
            "fail",
            r"(?i)^fail\s+\S+\s+<\*>",
            r"(?i)failed test|tests? failed!*$|failed <\*> tests?|test suite .* fail|<\*> (?:out )?of <\*>.* failed",
        ),
    ),
    "instruction": tuple(GatedPattern(f"(?i){address.source}", address.stems) for address in ADDRESSES),
    "warning": gated("warn deprecat", rf"(?i){_ALONE}(?:warn(?:ing)?s?|deprecat\w+)\b"),
    "frame": either(
        gated(
            "",
            r"^(?:\s*(?:at |\.{3} <\*> more|File \".*\", line <\*>|from \S+:<\*>|\[<\*>\]\s|frame #|\|\s|"
            r"(?:#?<\*>|#\d+)\s+0?x?<?\*?>? ?in )|\s+(?:at\s|\.\.\.))",
        ),
        gated(":<*>:in", r"\S:<\*>:in `"),
        # The rest of an entry of Postgres.
        gated(
            "detail: hint: statement: context: query: location:",
            r"^(?:DETAIL|HINT|STATEMENT|CONTEXT|QUERY|LOCATION):  \S",
        ),
    ),
    "benign": either(
        gated(
            "err fail problem warning offenses",
            r"(?i)\b(?:0|no|zero|without(?: any)?) (?:\w+ )?(?:errors?|failures?|failed|problems?|warnings?|"
            r"offenses)\b",
        ),
        gated(
            "err fail ignor non-fatal",
            r"(?i)(?:errors?|failures?|failed)\W{1,4}(?:0|none|false|null|\[\])(?![.\d])|error-free|ignor(?:ed|ing)|"
            r"non-fatal",
        ),
        gated(
            "retry fail continu expected",
            r"(?i)\bretry(?:ing)?\b|don't fail|allow.?fail|continu(?:e|ing) (?:on|anyway)|as expected|expected "
            r"failure|xfail",
        ),
    ),
    "passed": either(
        gated("... …", r"(?i)(?:\.\.\.|…)\s*(?:ok|passed|done|yes|no)\s*$"),
        gated(
            "ok pass skip ✓ ✔ √",
            r"(?i)^\s*(?:✓|✔|√|--- pass|skip(?:ped|ping)?\b|pass(?:ed)?\b|\[ +ok +\]|ok\b)",
        ),
        gated("ok pass", r"(?i)\b(?:pass(?:ed)?|ok)(?: \(<\*>\s?m?s\))?\s*$|\[ok\]"),
    ),
    "script": either(
        gated(
            "",
            r"^\s*(?:(?:\$|\+{1,4}|%) \S|> Task |(?:echo|if|then|fi|elif|done|function|set -e)\b|[-+*] \[?\w)",
        ),
        gated("|| error", r"\|\| |-Werror|--\w*error|error\(\)"),
        gated("@", r"^> (?:@[\w.-]+/)?[\w.-]+@\S+ \S"),  # npm says which script it runs
    ),
    "noise": either(
        gated(
            "",
            r"(?i)^(?:remote: |\s*(?:get:<\*>|fetch|download|progress|receiving|resolving|unpacking|setting up|"
            r"selecting|preparing|hit:<\*>|ign|npm (?:warn|http)\b|gem \b|requirement already|"
            r"(?:installing|compiling|building|copying|creating|adding|using|updating|collecting)\b|"
            r"checking (?:for|whether|if)|\[<\*> ?(?:of|/) ?<\*>\]|\* \[new))",
        ),
        gated("<*>% commit", r"(?i)<\*>%|\bcommit <\*>"),
        gated("directory", r"\bmake(?:\[<\*>\])?: (?:Entering|Leaving) directory "),
        gated("note:", r":<\*>: note: "),  # of a compiler, on the error or warning above
    ),
}
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

_TABLE = PatternTable(WORD_CLASSES)


def word_classes(wording: Wording) -> frozenset[str]:
    """The names of the classes a masked message belongs to, by its first 600 characters."""
    if len(wording.text) > JUDGED_CHARS:
        wording = Wording.of(wording.text[:JUDGED_CHARS])
    return _TABLE.names_in(wording)
