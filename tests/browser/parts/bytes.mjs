// Secrets as bytes, and where they turn up.

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** The 10 bytes of a token from its printed text (Crockford base32, groups of four). @param {string} text */
export function tokenOf(text) {
  let number = 0n;
  for (const c of text.replaceAll('-', '')) number = (number << 5n) | BigInt(ALPHABET.indexOf(c));
  return Buffer.from(number.toString(16).padStart(20, '0'), 'hex');
}

/** What a slip's fragment holds: version, manifest id (32), token (10), mask. @param {string} fragment */
export function slipOf(fragment) {
  const bytes = Buffer.from(fragment, 'base64url');
  return { manifest: bytes.subarray(1, 33).toString('hex'), token: bytes.subarray(33, 43), mask: bytes.subarray(43) };
}

/** Every form in which secret bytes could stand in the clear, one character a byte; base64 at each of its three
 * alignments. @param {Buffer} secret */
export function formsOf(secret) {
  const forms = [secret.toString('latin1'), secret.toString('hex'), secret.toString('hex').toUpperCase(), [...secret].join(','), [...secret].join(', ')];
  for (let shift = 0; shift < 3; shift += 1) {
    const padded = Buffer.concat([Buffer.alloc(shift), secret]);
    // Characters that depend on neighbouring bytes are left out.
    const [from, to] = [Math.ceil((shift * 8) / 6), Math.floor((padded.length * 8) / 6)];
    forms.push(padded.toString('base64').slice(from, to), padded.toString('base64url').slice(from, to));
  }
  return forms;
}

/** @param {string} text @param {Buffer} secret */
export const holds = (text, secret) => formsOf(secret).some(form => text.includes(form));

/** The wallet in a phone's storage, slot by slot (`ballot-client/src/wallet.rs`): kind 0 excluded, 1 credential, 2 sealed
 * ballot, 3 receipt, 4 looked up, 5 over. @param {string} stored @param {{items: unknown[], contests: {item: number, round: number}[]}} manifest */
export function walletOf(stored, manifest) {
  const bytes = Buffer.from(stored, 'base64');
  if (bytes[1] === 1) return { stage: 1, slots: [] };
  let at = 34 + Math.ceil(manifest.items.length / 8);
  const slots = manifest.contests.map(({ item, round }) => {
    const [kind, length] = [bytes[at], bytes.readUInt16BE(at + 1)];
    const body = Buffer.from(bytes.subarray(at + 3, at + 3 + length));
    at += 3 + length;
    return { contest: `${item}/${round}`, kind, body };
  });
  if (at !== bytes.length) throw new Error(`a wallet of ${bytes.length} bytes, read ${at}`);
  return { stage: 2, slots };
}

/** The ballot key in a credential: item (2), round (1), seed (32), N (32). @param {Buffer} body */
export const keyIn = body => body.subarray(3, 35);
