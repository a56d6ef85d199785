// The live stream of changes. EventSource reconnects by itself while the server says so; when it gives up, this tries again.

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 5000;

/** Listen to what changes for `user`. Returns a function that ends the subscription. */
export function listen(user, { onChange, onConnected, onLost }) {
  let source = null;
  let timer = 0;
  let retry_ms = FIRST_RETRY_MS;
  const connect = () => {
    source = new EventSource(`/people/stream?user=${encodeURIComponent(user)}`);
    source.onopen = () => {
      retry_ms = FIRST_RETRY_MS;
      onConnected();
    };
    source.onmessage = (event) => onChange(JSON.parse(event.data));
    source.onerror = () => {
      onLost();
      if (source.readyState !== EventSource.CLOSED) return;
      timer = setTimeout(connect, retry_ms);
      retry_ms = Math.min(retry_ms * 2, LONGEST_RETRY_MS);
    };
  };
  connect();
  return () => {
    clearTimeout(timer);
    source.close();
  };
}

/**
 * Wrap an async `load` so calls while it runs lead to exactly one more run afterwards: a burst of changes costs two
 * requests, and the last state always wins.
 */
export function refresher(load) {
  let running = null;
  let again = false;
  const run = async () => {
    do {
      again = false;
      await load();
    } while (again);
  };
  return () => {
    if (running) {
      again = true;
      return running;
    }
    // A lost sandbox shows in the banner, and is read anew on reconnecting; here it only ends this attempt.
    running = run()
      .catch((error) => console.warn(error))
      .finally(() => {
        running = null;
      });
    return running;
  };
}
