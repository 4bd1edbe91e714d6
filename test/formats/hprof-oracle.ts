/** A primitive array. */
interface OracleArray {
  id: bigint;
  /** Offset of the first element. */
  data: number;
  length: number;
  type: number;
}

interface OracleClass {
  superclass: bigint;
  name: string;
  statics: { name: string; value: bigint }[];
  fields: { name: string; type: number }[];
}

/** Everything in a small file, read into memory at once. */
export interface Oracle {
  /** Number of records and of sub-records by tag. */
  records: Record<number, number>;
  subs: Record<number, number>;
  arrays: OracleArray[];
  texts: { offset: number; length: number }[];
  /** Owners of each array: `class.field`. */
  owners: Map<bigint, Set<string>>;
}

const WIDTH: Record<number, number> = { 4: 1, 5: 2, 6: 4, 7: 8, 8: 1, 9: 2, 10: 4, 11: 8 };
const JAVA: Record<string, string> = {
  B: 'byte',
  C: 'char',
  D: 'double',
  F: 'float',
  I: 'int',
  J: 'long',
  S: 'short',
  Z: 'boolean',
};

function readable(name: string): string {
  let depth = 0;
  while (name[depth] === '[') depth++;
  const rest = name.slice(depth);
  const element = depth > 0 ? (JAVA[rest] ?? (rest.startsWith('L') ? rest.slice(1, -1) : rest)) : rest;
  return element.split('/').join('.') + '[]'.repeat(depth);
}

/** Reads a whole file; throws if it is damaged. */
export function readAll(file: Buffer): Oracle {
  const idSize = file.readUInt32BE(19);
  let at = 31;
  const take = (length: number) => {
    at += length;
    return file.readUIntBE(at - length, length);
  };
  const u1 = () => take(1);
  const u2 = () => take(2);
  const u4 = () => take(4);
  const id = () => {
    at += idSize;
    return idSize === 4 ? BigInt(file.readUInt32BE(at - 4)) : file.readBigUInt64BE(at - 8);
  };
  const width = (type: number) => {
    const size = type === 2 ? idSize : WIDTH[type];
    if (size === undefined) throw new Error(`type ${type} at ${at}`);
    return size;
  };
  const names = new Map<bigint, string>();
  const classNames = new Map<bigint, bigint>();
  const classes = new Map<bigint, OracleClass>();
  const instances: { classId: bigint; data: number; end: number }[] = [];
  const objectArrays: { classId: bigint; elements: bigint[] }[] = [];
  const oracle: Oracle = { records: {}, subs: {}, arrays: [], texts: [], owners: new Map() };
  const late: (() => void)[] = [];

  const sub: Record<number, () => void> = {
    255: () => id(),
    1: () => [id(), id()],
    2: () => [id(), u4(), u4()],
    3: () => [id(), u4(), u4()],
    4: () => [id(), u4()],
    5: () => id(),
    6: () => [id(), u4()],
    7: () => id(),
    8: () => [id(), u4(), u4()],
    32: () => {
      const classId = id();
      u4();
      const superclass = id();
      for (let i = 0; i < 5; i++) id();
      u4();
      for (let n = u2(); n > 0; n--) {
        u2();
        const type = u1();
        at += width(type);
      }
      const statics: [bigint, bigint][] = [];
      for (let n = u2(); n > 0; n--) {
        const name = id();
        const type = u1();
        if (type === 2) statics.push([name, id()]);
        else at += width(type);
      }
      const fields: [bigint, number][] = [];
      for (let n = u2(); n > 0; n--) fields.push([id(), u1()]);
      late.push(() =>
        classes.set(classId, {
          superclass,
          name: readable(names.get(classNames.get(classId)!)!),
          statics: statics.map(([name, value]) => ({ name: names.get(name)!, value })),
          fields: fields.map(([name, type]) => ({ name: names.get(name)!, type })),
        }),
      );
    },
    33: () => {
      id();
      u4();
      const classId = id();
      const length = u4();
      instances.push({ classId, data: at, end: at + length });
      at += length;
    },
    34: () => {
      id();
      u4();
      const count = u4();
      const classId = id();
      objectArrays.push({ classId, elements: Array.from({ length: count }, id) });
    },
    35: () => {
      const array = id();
      u4();
      const count = u4();
      const type = u1();
      const length = count * width(type);
      oracle.arrays.push({ id: array, data: at, length, type });
      at += length;
    },
  };

  while (at < file.length) {
    const tag = u1();
    u4();
    const length = u4();
    const end = at + length;
    oracle.records[tag] = (oracle.records[tag] ?? 0) + 1;
    if (tag === 1) {
      const name = id();
      names.set(name, file.toString('utf8', at, end));
      oracle.texts.push({ offset: at, length: end - at });
    } else if (tag === 2) {
      u4();
      const classId = id();
      u4();
      classNames.set(classId, id());
    } else if (tag === 0x0c || tag === 0x1c) {
      while (at < end) {
        const kind = u1();
        oracle.subs[kind] = (oracle.subs[kind] ?? 0) + 1;
        if (sub[kind] === undefined) throw new Error(`sub-record ${kind} at ${at}`);
        sub[kind]();
      }
      if (at !== end) throw new Error(`a heap dump that ends at ${end} went on to ${at}`);
    }
    at = end;
  }

  for (const each of late) each();
  const own = (value: bigint, name: string) => {
    const known = oracle.owners.get(value);
    if (known === undefined) oracle.owners.set(value, new Set([name]));
    else known.add(name);
  };
  for (const { classId, data } of instances) {
    at = data;
    const name = classes.get(classId)!.name;
    for (let c = classes.get(classId); c !== undefined; c = classes.get(c.superclass)) {
      for (const field of c.fields) {
        if (field.type === 2) own(id(), `${name}.${field.name}`);
        else at += width(field.type);
      }
    }
  }
  for (const { name, statics } of classes.values())
    for (const field of statics) own(field.value, `${name}.${field.name}`);
  for (const { classId, elements } of objectArrays)
    for (const element of elements) own(element, classes.get(classId)!.name);
  return oracle;
}
