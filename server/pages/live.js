// The newest live state, told to a screen whenever it changes; and that it is no longer the newest.

/** A server that is gone does not always close its sockets: it is asked now and then. */
const HEARTBEAT_MS = 8000;
const PATIENCE_MS = 5000;

/** Tells every state, and `lost` when nobody knows whether there is a newer one. Connects again by itself.
 * @param {(live: any) => void} told @param {() => void} lost */
export function watchLive(told, lost) {
  const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:';
  const socket = new WebSocket(`${scheme}//${location.host}/live`);
  let over = false;
  /** @type {ReturnType<typeof setInterval>|undefined} */
  let heart;
  const again = () => {
    if (over) return;
    over = true;
    clearInterval(heart);
    socket.close();
    lost();
    setTimeout(() => watchLive(told, lost), 1000 + 1000 * Math.random());
  };
  const beat = async () => {
    const stop = new AbortController();
    const late = setTimeout(() => stop.abort(), PATIENCE_MS);
    try {
      await fetch('/live.json', { signal: stop.signal, cache: 'no-store' });
    } catch {
      again();
    } finally {
      clearTimeout(late);
    }
  };
  socket.onmessage = event => {
    if (!over) told(JSON.parse(event.data));
  };
  socket.onopen = () => { heart = setInterval(beat, HEARTBEAT_MS); };
  socket.onclose = again;
  socket.onerror = again;
  // A socket that is never answered.
  setTimeout(() => { if (socket.readyState === WebSocket.CONNECTING) again(); }, PATIENCE_MS);
}
