// Where manifest, log and boards come from: whole downloads from the server, or a bundle that somebody kept. What is
// fetched never depends on a receipt: every board, in the order of the log.

import { MANIFEST, OK, call, text } from '/receipt-core.js';

/** More than this is fetched only once somebody looks something up. A ballot over six options has 708 bytes. */
const AT_ONCE = 8e6;
const BALLOT = 708;

/** @typedef {{entries: Uint8Array, checkpoint: Uint8Array}} Board */

/** The data of one meeting. */
export class Source {
  /** @param {string} file the bundle's name; empty for the server */
  constructor(file = '') {
    this.file = file;
    /** @type {Uint8Array|null} */
    this.manifest = null;
    /** @type {any} */
    this.meeting = null;
    /** @type {Uint8Array} */
    this.log = new Uint8Array(0);
    /** What `codes` of audit.wasm says. @type {any} */
    this.codes = null;
    /** @type {Map<string, Board>} */
    this.boards = new Map();
    /** `''`, or why there is no more: offline, no_meeting, bad_manifest, bad_log. */
    this.trouble = '';
  }

  /** Closed contests, which have a board. */
  get closed() {
    return this.codes ? this.codes.boards.filter(board => board.root) : [];
  }

  /** Bytes of all boards that are not here yet, about. */
  get left() {
    return this.closed.filter(board => !this.boards.has(nameOf(board))).reduce((sum, board) => sum + board.size * BALLOT, 0);
  }

  get large() {
    return this.left > AT_ONCE;
  }

  /** What the log says of a contest. @param {{item: number, round: number}} contest */
  record(contest) {
    return this.codes ? this.codes.boards.find(board => nameOf(board) === nameOf(contest)) : undefined;
  }

  /** Takes the manifest and the log as they are handed out. @returns {Promise<boolean>} */
  async take(manifest, log, checkpoint) {
    const { status, out } = await call('codes', manifest, log, checkpoint);
    if (status !== OK) {
      this.trouble = status === MANIFEST ? 'bad_manifest' : 'bad_log';
      return false;
    }
    // A server that starts another meeting has other boards.
    const codes = JSON.parse(text(out));
    if (this.codes && this.codes.manifest.id !== codes.manifest.id) this.boards.clear();
    Object.assign(this, { manifest, log, codes, meeting: JSON.parse(text(manifest)), trouble: '' });
    return true;
  }

  /** Manifest and log from the server; the head before the entries, which may then be more. */
  async load() {
    try {
      const [manifest, checkpoint] = [await download('/manifest'), await download('/log/checkpoint')];
      await this.take(manifest, await download('/log/entries'), checkpoint);
    } catch (error) {
      this.trouble = error.status === 404 ? 'no_meeting' : 'offline';
    }
  }

  /** Every board that is not here yet. @param {(done: number, of: number) => void} progress */
  async loadBoards(progress) {
    const wanted = this.closed.filter(board => !this.boards.has(nameOf(board)));
    try {
      for (const [n, board] of wanted.entries()) {
        progress(n + 1, wanted.length);
        const at = `/board/${nameOf(board)}`;
        this.boards.set(nameOf(board), { checkpoint: await download(`${at}/checkpoint`), entries: await download(`${at}/entries`) });
      }
    } catch {
      this.trouble = 'offline';
    }
  }

  /** The same from a bundle. @param {string} name @param {Uint8Array} zip @returns {Promise<Source|null>} */
  static async ofBundle(name, zip) {
    const { status, out } = await call('unzip', zip);
    if (status !== OK) return null;
    const files = new Map();
    const view = new DataView(out.buffer, out.byteOffset, out.byteLength);
    const part = at => out.subarray(at + 4, at + 4 + view.getUint32(at));
    for (let at = 0; at < out.length;) {
      const path = part(at);
      at += 4 + path.length;
      const data = part(at);
      at += 4 + data.length;
      files.set(text(path), data.slice());
    }
    const source = new Source(name);
    await source.take(files.get('manifest.json'), files.get('log/entries'), files.get('log/checkpoint'));
    for (const board of source.closed) {
      const folder = `board/${board.item}-${board.round}`;
      const [entries, checkpoint] = [files.get(`${folder}/entries`), files.get(`${folder}/checkpoint`)];
      if (entries && checkpoint) source.boards.set(nameOf(board), { entries, checkpoint });
    }
    return source;
  }
}

/** @param {{item: number, round: number}} contest */
export const nameOf = ({ item, round }) => `${item}/${round}`;

async function download(path) {
  const response = await fetch(path, { credentials: 'omit', cache: 'no-store', referrerPolicy: 'no-referrer' });
  const body = await response.arrayBuffer();
  if (!response.ok) throw Object.assign(new Error(path), { status: response.status });
  return new Uint8Array(body);
}

/** The root in hexadecimal that a checkpoint states: its third line. @param {Uint8Array} checkpoint */
export function rootOf(checkpoint) {
  try {
    return [...atob(text(checkpoint).split('\n')[2])].map(c => c.charCodeAt(0).toString(16).padStart(2, '0')).join('');
  } catch {
    return '';
  }
}
