import type { Detail } from '../html/data.js';
import { section } from './dom.js';
import type { StatusLine } from './status-line.js';
import type { Store } from './store.js';
import { Table } from './table.js';
import { grouped } from './words.js';

type Certificate = NonNullable<Detail['certificates']>[number];

/** Milliseconds before its end at which a certificate is marked. */
const SOON = 30 * 24 * 3600 * 1000;

const FORMS: Readonly<Record<string, string>> = {
  certificate: 'certificate',
  'tbs-certificate': 'signed part, without signature',
  'certificate-request': 'certificate request',
};

/** Certificates of the keys that were found, those that end last first. `onOpen`: the row of the key. */
export function certificatesView(
  store: Store,
  status: StatusLine,
  onOpen: (row: number) => void,
): HTMLElement {
  const all = store.details.flatMap(({ certificates = [] }, row) =>
    certificates.map((certificate) => ({ certificate, row })),
  );
  all.sort((a, b) => (a.certificate.notAfter < b.certificate.notAfter ? 1 : -1));
  const scanned = Date.parse(store.run?.startedAt ?? '');
  const cells = (index: number) => {
    const { certificate, row } = all[index]!;
    const { subject, san, issuer, notAfter, serial } = certificate;
    const state = stateOf(certificate, scanned);
    const texts = [
      state,
      notAfter.slice(0, 10),
      subject,
      san.join(', '),
      issuer,
      formOf(certificate),
      serial,
    ];
    return { texts: [...texts, store.text('id', row)], mark: state.replaceAll(' ', '-') };
  };
  const table = new Table({
    id: 'certificates-table',
    label: 'Certificates: Enter shows the key',
    columns: [
      ['At the scan', '7.5rem'],
      ['Until', '7rem'],
      ['Subject', 'minmax(10rem, 3fr)'],
      ['Names', 'minmax(8rem, 2fr)'],
      ['Issuer', 'minmax(8rem, 2fr)'],
      ['Form', '8rem'],
      ['Serial', '8rem'],
      ['Id of key', '6rem'],
    ],
    empty: 'No certificate of a key that was found.',
    rows: 6,
    cells,
    onSelect: (index) => {
      const { certificate } = all[index]!;
      const state = stateOf(certificate, scanned);
      status.say(`${grouped(index + 1)} of ${grouped(all.length)}: ${certificate.subject}, ${state}`);
    },
    onOpen: (index) => onOpen(all[index]!.row),
  });
  table.setRows(all.length);
  return section('certificates', 'Certificates', table.element);
}

function stateOf({ notAfter, form }: Certificate, scanned: number): string {
  const end = Date.parse(notAfter);
  if (form === 'certificate-request' || Number.isNaN(end) || Number.isNaN(scanned)) return 'no date';
  if (end < scanned) return 'expired';
  return end < scanned + SOON ? 'ends soon' : 'valid';
}

const formOf = ({ form, signed }: Certificate): string =>
  FORMS[form ?? ''] ?? form ?? (signed === false ? 'not signed' : '');
