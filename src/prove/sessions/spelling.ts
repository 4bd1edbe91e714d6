const ESCAPE = /%[0-9A-Fa-f]{2}/g;

/** The text without the escapes of URLs, which encoders of cookies write; one character is one byte. */
export function unescaped(text: string): string {
  return text.replace(ESCAPE, (code) => String.fromCharCode(Number.parseInt(code.slice(1), 16)));
}

/** An object of JSON in base64 or base64url; undefined if it is none. */
export function base64Object(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64').toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
