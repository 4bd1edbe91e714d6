import { html, say } from './dom.js';

/** Says what is selected, also to a screen reader. */
export class StatusLine {
  readonly element = html('p', { id: 'status', role: 'status' });

  say(text: string): void {
    say(this.element, text);
  }
}
