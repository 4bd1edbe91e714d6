/** Letters of the basic types in a descriptor (JVMS, 4.3.2). */
const DESCRIPTORS: Readonly<Record<string, string>> = {
  B: 'byte',
  C: 'char',
  D: 'double',
  F: 'float',
  I: 'int',
  J: 'long',
  S: 'short',
  Z: 'boolean',
};

/** `[Ljava/lang/String;` as `java.lang.String[]`; Android writes `byte[]` and dots itself. */
export function javaName(internalName: string): string {
  const [, brackets = '', element = ''] = /^(\[*)(.*)$/s.exec(internalName)!;
  if (brackets === '') return internalName.replaceAll('/', '.');
  const name = DESCRIPTORS[element] ?? element.replace(/^L(.*);$/s, '$1').replaceAll('/', '.');
  return name + '[]'.repeat(brackets.length);
}
