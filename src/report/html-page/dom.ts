import { escapeText } from '../../core/base/text/escape.js';

/** Attributes of an element. True is an empty attribute, false none. */
export type Attributes = Readonly<Record<string, string | number | boolean>>;

export type Child = Node | string;

const SVG = 'http://www.w3.org/2000/svg';

function filled<E extends Element>(element: E, attributes: Attributes, children: readonly Child[]): E {
  for (const [name, value] of Object.entries(attributes))
    if (value !== false) element.setAttribute(name, value === true ? '' : String(value));
  element.append(...children.map((child) => (typeof child === 'string' ? textNode(child) : child)));
  return element;
}

/**
 * A text of the report. The reporter has escaped it already; a report that was changed, or made by another
 * program, is escaped here.
 */
const textNode = (text: string): Text => document.createTextNode(escapeText(text));

/** An HTML element. Strings among the children become text, never markup. */
export function html<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  return filled(document.createElement(tag), attributes, children);
}

/** An SVG element. */
export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[K] {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

/** Replaces the content of an element. */
export function show(element: Element, ...children: Child[]): void {
  element.replaceChildren();
  filled(element, {}, children);
}

/** Replaces the text of an element, without a new node if there is one. */
export function say(element: Element, text: string): void {
  element.textContent = escapeText(text);
}

/** A section of the page, with its heading. */
export function section(id: string, title: string, ...children: Child[]): HTMLElement {
  const heading = html('h2', { id: `${id}-title` }, title);
  return html('section', { id, 'aria-labelledby': heading.id }, heading, ...children);
}
