import { openSealed } from '../sealing/sealing.js';

/** Characters of the part of a process's facts that is read: the sections behind it are for people. */
const LONGEST = 64 * 1024;
const FIELD = /^([a-z]+): (.*)$/;

/**
 * What the handler, or who has sealed a file of a watched folder, noted of a dump. A crashing process chooses
 * all of it: a hint, never a permission.
 */
export interface DumpInfo {
  program?: string;
  uid?: number;
  path?: string;
}

/** Reads the noted facts; none if there are none, or they do not open. */
export async function readInfo(file: string, identity: string): Promise<DumpInfo> {
  let text = '';
  try {
    const opened = openSealed(file, identity, { isCompressed: false });
    try {
      for await (const chunk of opened.chunks) {
        text += Buffer.from(chunk).toString('utf8');
        if (text.length > LONGEST) break;
      }
    } finally {
      opened.kill();
    }
  } catch {
    return {};
  }
  return parsed(text);
}

function parsed(text: string): DumpInfo {
  const fields = new Map<string, string>();
  for (const line of text.slice(0, LONGEST).split('\n')) {
    if (line === '') break;
    const [, name, value] = FIELD.exec(line) ?? [];
    if (name !== undefined && value !== undefined && !fields.has(name)) fields.set(name, value);
  }
  const uid = fields.get('uid');
  return {
    ...(fields.has('program') ? { program: fields.get('program')! } : {}),
    ...(fields.has('path') ? { path: fields.get('path')! } : {}),
    ...(uid !== undefined && /^\d{1,10}$/.test(uid) ? { uid: Number(uid) } : {}),
  };
}
