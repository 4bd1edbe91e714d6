import type { Pausing } from '../../core/base/runtime/turns.js';
import type { Warning } from '../../core/base/runtime/warnings.js';
import type { Region } from '../../core/model/report.js';
import { type Label, labelOf, type Naming } from './labels.js';
import { walkObjects } from './owners/walk-objects.js';
import { RecordLocator } from './record-locator.js';
import { Classes } from './records/classes.js';
import type { HprofFile, Id } from './records/file.js';
import { javaName } from './records/java-name.js';
import { recordName, TAG } from './records/records.js';
import { type HprofSummary, namesInTurns } from './records/summary.js';
import { ReferrerSearch } from './referrers.js';

/** Objects that are named; further ones are reported by type and identifier. */
const MAX_LABELS = 2 ** 17;

/**
 * Regions by file offset. Names of objects need walks over much of the file, so {@link
 * HprofRegions.completeNames} determines all of them together; until then a name has the type and the
 * identifier.
 */
export class HprofRegions {
  readonly #file: HprofFile;
  readonly #summary: HprofSummary;
  readonly #locator: RecordLocator;
  readonly #regions = new Map<number, Region>();
  #unnamed: { region: Region; label: Label }[] = [];
  #classes: Classes | undefined;

  constructor(file: HprofFile, contents: HprofSummary) {
    this.#file = file;
    this.#summary = contents;
    this.#locator = new RecordLocator(file, contents.checkpoints);
  }

  regionAt(offset: number): Region {
    if (offset < this.#file.header.length) return { kind: 'header' };
    const place = this.#locator.at(offset);
    if (place === undefined) return { kind: 'unknown' };
    if ('record' in place) return { kind: 'note', name: recordName(place.record.tag)! };
    const label = labelOf(this.#file, place.sub, offset);
    return label === undefined ? { kind: 'note', name: 'HPROF_HEAP_DUMP' } : this.#object(label);
  }

  /** The text of an HPROF_UTF8 record follows its identifier, whose last byte may look like a letter. */
  startsText(offset: number): boolean {
    const place = this.#locator.at(offset);
    if (place === undefined || !('record' in place)) return false;
    const { tag, body } = place.record;
    return tag === TAG.UTF8 && offset === body + this.#file.header.idSize;
  }

  #object(label: Label): Region {
    const known = this.#regions.get(label.key);
    if (known !== undefined) return known;
    const region: Region = { kind: 'object', name: label.provisional };
    if (this.#regions.size >= MAX_LABELS) return region;
    this.#regions.set(label.key, region);
    this.#unnamed.push({ region, label });
    return region;
  }

  /** Replaces provisional names of all regions returned so far by names of classes and fields. */
  *completeNames(): Pausing<never, readonly Warning[]> {
    const unnamed = this.#unnamed;
    this.#unnamed = [];
    if (unnamed.length > 0) yield* this.#name(unnamed);
    return this.#locator.warnings();
  }

  *#name(unnamed: readonly { region: Region; label: Label }[]): Pausing<never> {
    const classes = yield* this.classesInTurns();
    const arrays = unnamed.flatMap(({ label }) => label.array ?? []);
    const owners = yield* new ReferrerSearch(this.#file, this.#summary.checkpoints, classes).run(arrays);
    const namings = unnamed.map(({ region, label }) => ({
      region,
      naming: label.naming(classes, label.array && owners.get(label.array.id)),
    }));
    const text = yield* this.#texts(namings.map(({ naming }) => naming));
    for (const { region, naming } of namings) region.name = text(naming);
  }

  /** All class dumps. Most are at the start of the heap; the walk ends after one for every loaded class. */
  *classesInTurns(): Pausing<never, Classes> {
    if (this.#classes !== undefined) return this.#classes;
    const { checkpoints, classNames } = this.#summary;
    const classes = new Classes(this.#file);
    yield* walkObjects(this.#file, checkpoints.before(0), this.#file.length, {
      classDump(offset) {
        classes.add(offset);
        return classes.size === classNames.size;
      },
    });
    this.#classes = classes;
    return classes;
  }

  *#texts(namings: readonly Naming[]): Pausing<never, (naming: Naming) => string> {
    const { classNames, checkpoints } = this.#summary;
    const ofClass = (id: Id | undefined): Id | undefined =>
      id === undefined ? undefined : classNames.get(id);
    const ids = namings.flatMap(({ classId, nameId }) => [ofClass(classId), nameId]);
    const wanted = new Set(ids.filter((id): id is Id => id !== undefined));
    const names = yield* namesInTurns(this.#file, checkpoints, wanted);
    return ({ classId, nameId, plain }) => {
      const className = names.get(ofClass(classId) ?? -1);
      if (className === undefined) return plain;
      const name = names.get(nameId ?? -1);
      return name === undefined ? javaName(className) : `${javaName(className)}.${name}`;
    };
  }
}
