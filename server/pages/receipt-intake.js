// What people put in: text, files, photos. It ends as notes, one behind the other, and as what is to be said about it.
// Everything stays in this page's memory.

import { MISSING, NOTHING, OK, UNREADABLE, bytesOf, call, text } from '/receipt-core.js';

/** Two sizes: what is sharp in a photo of twelve million points is noise, and what is small needs all of them. */
const SIDES = [2400, 1200];
const MOST_TEXT = 2e6;

/** @typedef {{key: string, values: Record<string, unknown>}} Said  `key` of section `receipt` */

export class Intake {
  constructor() {
    this.clear();
  }

  clear() {
    /** All notes so far, as text. */
    this.notes = '';
    /** Parts of QR codes by the mark that they share. @type {Map<string, Set<string>>} */
    this.parts = new Map();
  }

  /** Pasted text or a text file: notes, parts, or both. @param {string} pasted @returns {Promise<Said[]>} */
  async takeText(pasted) {
    const parts = pasted.match(/DX1:\S+/g) || [];
    const rest = pasted.replace(/DX1:\S+/g, '');
    const noted = /douxuan\//.test(rest);
    if (noted) this.notes += `\n${rest}\n`;
    const said = await this.takeParts(parts);
    return parts.length || noted ? said : [{ key: 'said_nothing', values: {} }];
  }

  /** @param {string[]} parts @returns {Promise<Said[]>} */
  async takeParts(parts) {
    const touched = new Set();
    for (const part of parts) {
      const mark = part.split(':')[2] || '';
      touched.add(mark);
      if (!this.parts.has(mark)) this.parts.set(mark, new Set());
      this.parts.get(mark).add(part);
    }
    const said = [];
    for (const mark of touched) {
      const { status, out } = await call('unpack', bytesOf([...this.parts.get(mark)].join('\n')));
      if (status === OK) this.notes += `\n${text(out)}\n`;
      if (status === MISSING) {
        const [of, ...missing] = text(out).split(' ');
        said.push({ key: 'said_missing', values: { of, parts: missing.join('、') } });
        continue;
      }
      // Whole, or not to be mended by more of it.
      this.parts.delete(mark);
      if (status !== OK) said.push({ key: status === UNREADABLE ? 'said_unreadable' : 'said_checksum', values: {} });
    }
    return said;
  }

  /** Text in a file. @param {File} file @returns {Promise<Said[]>} */
  async takeFile(file) {
    if (file.size > MOST_TEXT) return [{ key: 'said_large', values: { name: file.name } }];
    return this.takeText(text(new Uint8Array(await bytesIn(file))));
  }

  /** QR codes in photos; parts of one phone may come in several. @param {File[]} files @returns {Promise<Said[]>} */
  async takePhotos(files) {
    const said = [];
    const parts = [];
    for (const file of files) {
      const found = await codesIn(file);
      const values = { name: file.name };
      if (!found) said.push({ key: 'said_no_picture', values });
      else if (!found.length) said.push({ key: 'said_no_code', values });
      else {
        const ours = found.filter(one => one.startsWith('DX1:'));
        parts.push(...ours);
        // A slip's link ends in a fragment: whatever it is, it is not kept.
        if (!ours.length) said.push({ key: found.some(one => /^https?:\/\/[^#]*#/.test(one)) ? 'said_slip' : 'said_other_code', values });
      }
    }
    return [...said, ...await this.takeParts(parts)];
  }
}

/** @param {File} file @returns {Promise<ArrayBuffer>} */
export function bytesIn(file) {
  return new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(/** @type {ArrayBuffer} */ (reader.result));
    reader.onerror = () => failed(reader.error);
    reader.readAsArrayBuffer(file);
  });
}

/** The texts of the QR codes in a picture; null if it is none. @param {File} file @returns {Promise<string[]|null>} */
async function codesIn(file) {
  let picture = null;
  try {
    picture = await createImageBitmap(file);
  } catch {
    return null;
  }
  const longest = Math.max(picture.width, picture.height);
  for (const side of SIDES) {
    const scale = Math.min(1, side / longest);
    const [width, height] = [Math.max(1, Math.round(picture.width * scale)), Math.max(1, Math.round(picture.height * scale))];
    const { status, out } = await call('decode_qr', width, height, grayOf(picture, width, height));
    if (status !== NOTHING) return status === OK ? text(out).split('\n') : null;
  }
  return [];
}

/** @param {ImageBitmap} picture @param {number} width @param {number} height */
function grayOf(picture, width, height) {
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width, height });
  const brush = canvas.getContext('2d');
  brush.fillStyle = '#fff';
  brush.fillRect(0, 0, width, height);
  brush.drawImage(picture, 0, 0, width, height);
  const { data } = brush.getImageData(0, 0, width, height);
  const gray = new Uint8Array(width * height);
  for (let i = 0; i < gray.length; i += 1) gray[i] = (data[4 * i] * 77 + data[4 * i + 1] * 150 + data[4 * i + 2] * 29) >> 8;
  return gray;
}
