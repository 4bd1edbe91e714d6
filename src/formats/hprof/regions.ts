import type { Warning } from '../../base/runtime/warnings.js';
import type { Region } from '../../model/report.js';
import { Classes } from './classes.js';
import { type Contents, readNames } from './contents.js';
import type { HprofFile, Id } from './file.js';
import { javaName, type Label, labelOf, type Naming } from './labels.js';
import { OwnerSearch } from './owners.js';
import { Places } from './places.js';
import { recordName, TAG } from './records.js';
import { SUB } from './subrecords.js';
import { walk } from './walk.js';

/** Objects whose names are asked for; further ones are told by their type and identifier alone. */
const MAX_LABELS = 2 ** 17;

/**
 * What lies at each offset. What an object is called needs walks over much of the file, so it is found out for all places
 * together, by {@link HprofRegions.settle}; until then a name says the type and the identifier.
 */
export class HprofRegions {
  readonly #file: HprofFile;
  readonly #contents: Contents;
  readonly #places: Places;
  readonly #regions = new Map<number, Region>();
  #unnamed: { region: Region; label: Label }[] = [];
  #classes: Classes | undefined;

  constructor(file: HprofFile, contents: Contents) {
    this.#file = file;
    this.#contents = contents;
    this.#places = new Places(file, contents.marks);
  }

  at(offset: number): Region {
    if (offset < this.#file.header.length) return { kind: 'header' };
    const place = this.#places.at(offset);
    if (place === undefined) return { kind: 'unknown' };
    if ('record' in place) return { kind: 'note', name: recordName(place.record.tag)! };
    const label = labelOf(this.#file, place.sub, offset);
    return label === undefined ? { kind: 'note', name: 'HPROF_HEAP_DUMP' } : this.#object(label);
  }

  /** A UTF8 record's text stands directly behind its identifier, whose last byte may look like a letter. */
  startsText(offset: number): boolean {
    const place = this.#places.at(offset);
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

  /** Gives the regions handed out so far the names of their classes and fields. */
  settle(): readonly Warning[] {
    const unnamed = this.#unnamed;
    this.#unnamed = [];
    if (unnamed.length > 0) this.#name(unnamed);
    return this.#places.warnings();
  }

  #name(unnamed: readonly { region: Region; label: Label }[]): void {
    const classes = this.#readClasses();
    const orphans = unnamed.flatMap(({ label }) => label.orphan ?? []);
    const owners = new OwnerSearch(this.#file, this.#contents.marks, classes).run(orphans);
    const namings = unnamed.map(({ region, label }) => ({
      region,
      naming: label.naming(classes, label.orphan && owners.get(label.orphan.id)),
    }));
    const text = this.#texts(namings.map(({ naming }) => naming));
    for (const { region, naming } of namings) region.name = text(naming);
  }

  /** All class dumps: they mostly come first, and a walk that has met every class that was loaded is over. */
  #readClasses(): Classes {
    if (this.#classes !== undefined) return this.#classes;
    const classes = new Classes(this.#file);
    const { marks, classNames } = this.#contents;
    walk(this.#file, marks, marks.before(0), this.#file.length, {
      sub(tag, offset) {
        if (tag !== SUB.CLASS_DUMP) return false;
        classes.add(offset);
        return classes.size === classNames.size;
      },
    });
    this.#classes = classes;
    return classes;
  }

  #texts(namings: readonly Naming[]): (naming: Naming) => string {
    const { classNames, marks } = this.#contents;
    const ofClass = (id: Id | undefined): Id | undefined =>
      id === undefined ? undefined : classNames.get(id);
    const ids = namings.flatMap(({ classId, nameId }) => [ofClass(classId), nameId]);
    const wanted = new Set(ids.filter((id): id is Id => id !== undefined));
    const names = readNames(this.#file, marks, wanted);
    return ({ classId, nameId, plain }) => {
      const className = names.get(ofClass(classId) ?? -1);
      if (className === undefined) return plain;
      const name = names.get(nameId ?? -1);
      return name === undefined ? javaName(className) : `${javaName(className)}.${name}`;
    };
  }
}
