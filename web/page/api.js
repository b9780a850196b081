// The server's JSON (docs/api.md), and its events.

async function ask(path, options) {
  let answer;
  try {
    answer = await fetch(path, { cache: 'no-store', credentials: 'same-origin', ...options });
  } catch {
    throw new Error('The server does not answer.');
  }
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) {
    const wanted = 'This page wants its token: open the link that `tengen serve` printed.';
    const error = new Error(answer.status === 401 ? wanted : body.error || `The server answered ${answer.status}.`);
    error.status = answer.status;
    throw error;
  }
  return body;
}

export const get = (path) => ask(path, {});
export const post = (path, body = {}) => ask(path, {
  method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body),
});

// Listens to server-sent events and connects again when the server was away. While the page is
// hidden it does not listen, because browsers allow few connections to one server.
//   handlers  {event name: f(data)}
//   onState   f('live' | 'gone')
export function listen(path, handlers, onState = () => {}) {
  let source = null, timer = 0, wait = 1000, closed = false;
  function open() {
    clearTimeout(timer);
    if (closed || document.hidden || source) return;
    source = new EventSource(path);
    source.onopen = () => {
      wait = 1000;
      onState('live');
    };
    source.onerror = () => {
      source?.close();
      source = null;
      onState('gone');
      if (!closed) timer = setTimeout(open, wait);
      wait = Math.min(wait * 1.6, 15000);
    };
    for (const [name, handler] of Object.entries(handlers))
      source.addEventListener(name, (event) => handler(JSON.parse(event.data)));
  }
  function shut() {
    clearTimeout(timer);
    source?.close();
    source = null;
  }
  const visible = () => document.hidden ? shut() : open();
  document.addEventListener('visibilitychange', visible);
  open();
  return () => {
    closed = true;
    document.removeEventListener('visibilitychange', visible);
    shut();
  };
}
