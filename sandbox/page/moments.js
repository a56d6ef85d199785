// Times as people read them. A Slack ts is seconds since 1970 with six decimals, as a string.

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { weekday: "long", month: "long", day: "numeric" });
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });

export function momentOf(ts) {
  return new Date(Number.parseFloat(ts) * 1000);
}

export function clockTime(ts) {
  return clock.format(momentOf(ts));
}

export function exactTime(ts) {
  return exact.format(momentOf(ts));
}

/** "Today", "Yesterday" or the day's name. */
export function dayName(moment, now = new Date()) {
  return relativeDay(moment, now) ?? day.format(moment);
}

function relativeDay(moment, now) {
  const days = Math.round((startOfDay(now) - startOfDay(moment)) / 86_400_000);
  return { "-1": "Tomorrow", 0: "Today", 1: "Yesterday" }[days] ?? null;
}

function startOfDay(moment) {
  return new Date(moment.getFullYear(), moment.getMonth(), moment.getDate()).getTime();
}

/** "just now", "4 min ago", "2 h ago", "3 d ago". */
export function ago(moment, now = new Date()) {
  const seconds = Math.max(0, (now - moment) / 1000);
  if (seconds < 60) return "just now";
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}

const part = (options) => (moment) => new Intl.DateTimeFormat(undefined, options).format(moment);
const SHORT = part({ month: "short", day: "numeric", year: "numeric" });
const MEDIUM = part({ month: "long", day: "numeric", year: "numeric" });
const LONG = part({ weekday: "long", month: "long", day: "numeric", year: "numeric" });
const pretty = (format) => (moment) => relativeDay(moment, new Date())?.toLowerCase() ?? format(moment);

// The tokens of Slack's date formatting, `<!date^seconds^format^link|fallback>`.
const DATE_TOKENS = {
  date_num: (moment) => moment.toISOString().slice(0, 10),
  date: MEDIUM,
  date_short: SHORT,
  date_long: LONG,
  date_pretty: pretty(MEDIUM),
  date_short_pretty: pretty(SHORT),
  date_long_pretty: pretty(LONG),
  time: part({ hour: "numeric", minute: "2-digit" }),
  time_secs: part({ hour: "numeric", minute: "2-digit", second: "2-digit" }),
  ago,
};

/** `{date_short} at {time}` for a moment given in seconds; null where the seconds are not a time. */
export function formatDateTokens(seconds, format) {
  const moment = new Date(Number(seconds) * 1000);
  if (seconds === "" || Number.isNaN(moment.getTime())) return null;
  return format.replace(/\{(\w+)\}/g, (whole, token) =>
    Object.hasOwn(DATE_TOKENS, token) ? DATE_TOKENS[token](moment) : whole,
  );
}

const UNITS = ["bytes", "KB", "MB", "GB"];
/** 1536 -> "1.5 KB". */
export function fileSize(bytes) {
  let size = Number(bytes) || 0;
  if (size === 1) return "1 byte";
  let unit = 0;
  while (size >= 1024 && unit < UNITS.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${unit === 0 || size >= 100 ? Math.round(size) : size.toFixed(1)} ${UNITS[unit]}`;
}
