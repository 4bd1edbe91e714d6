import type { PageData } from '../html/data.js';

/** The blocks of data in a document, in their order; each element is removed once it is read. */
export async function* blocksOf(elements: Iterable<Element>): AsyncGenerator<PageData> {
  for (const element of elements) {
    const base64 = element.textContent;
    element.remove();
    yield JSON.parse(await inflated(bytesOf(base64))) as PageData;
  }
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const characters = atob(base64);
  const bytes = new Uint8Array(characters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i);
  return bytes;
}

const inflated = (bytes: Uint8Array<ArrayBuffer>): Promise<string> =>
  new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'))).text();
