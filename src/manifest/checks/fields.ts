import { fieldValueFlaw } from '../field-value.js';
import { type PointerSegment } from '../json-pointer.js';
import { entriesOf, isObject, type JsonObject } from '../json-value.js';
import { type ManifestField, type ManifestFieldType } from '../manifest.js';
import { type MatchPattern, patternSyntaxError } from '../match-pattern.js';
import { type ProblemList } from '../problem-list.js';
import { quote, where } from '../wording.js';

type Constraint = 'options' | 'min' | 'max' | 'pattern';

const CONSTRAINTS: Readonly<Record<ManifestFieldType, readonly Constraint[]>> = {
  string: ['min', 'max', 'pattern'],
  password: ['min', 'max', 'pattern'],
  number: ['min', 'max'],
  boolean: [],
  json: [],
  select: ['options'],
};

const ALL_CONSTRAINTS: readonly Constraint[] = ['options', 'min', 'max', 'pattern'];

/** Checks fields of settings or of a job's config: constraints that fit the type and each other, defaults that fit both. */
export function checkFields(
  fields: unknown,
  at: readonly PointerSegment[],
  problems: ProblemList,
  match: MatchPattern,
): void {
  if (!problems.isSound(at)) return;
  for (const [key, field] of entriesOf(fields)) {
    if (isObject(field)) new FieldCheck(field, [...at, key], problems, match).run();
  }
}

class FieldCheck {
  constructor(
    private readonly field: JsonObject,
    private readonly at: readonly PointerSegment[],
    private readonly problems: ProblemList,
    private readonly match: MatchPattern,
  ) {}

  run(): void {
    if (!this.#isSound('type') || !isFieldType(this.field.type)) return;
    this.#checkFit(this.field.type);
    this.#checkPattern();
    if (this.field.type === 'select') this.#checkOptions();
    else this.#checkRange();
    this.#checkDefault();
  }

  #checkFit(type: ManifestFieldType): void {
    for (const constraint of ALL_CONSTRAINTS) {
      if (!Object.hasOwn(this.field, constraint) || CONSTRAINTS[type].includes(constraint)) continue;
      const hint = constraint === 'options' ? 'options make a field of type `select`' : undefined;
      const message = `${where(this.at)}: \`${constraint}\` does not fit a field of type \`${type}\``;
      this.#add('MANIFEST_FIELD_CONSTRAINT', constraint, message, hint);
    }
  }

  #checkPattern(): void {
    const { pattern } = this.field;
    if (typeof pattern !== 'string' || !this.#isSound('pattern')) return;
    const reason = patternSyntaxError(pattern);
    if (reason !== undefined) this.#add('MANIFEST_FIELD_PATTERN', 'pattern', `${where(this.at)}: ${reason}`);
  }

  #checkOptions(): void {
    if (Object.hasOwn(this.field, 'options')) return;
    const message = `${where(this.at)}: a field of type \`select\` needs \`options\``;
    this.problems.add('MANIFEST_FIELD_OPTIONS', { at: this.at }, { message });
  }

  #checkRange(): void {
    const { min, max } = this.field;
    if (typeof min !== 'number' || typeof max !== 'number' || min <= max) return;
    this.#add(
      'MANIFEST_FIELD_CONSTRAINT',
      'min',
      `${where(this.at)}: \`min\` (${min}) is greater than \`max\` (${max})`,
    );
  }

  #checkDefault(): void {
    // Against a constraint that is wrong itself, a default cannot be judged.
    const constraintsAreSound =
      this.problems.isSound(this.at) &&
      ALL_CONSTRAINTS.every((key) => this.problems.isSoundThroughout([...this.at, key]));
    if (!Object.hasOwn(this.field, 'default') || !constraintsAreSound) return;
    const flaw = fieldValueFlaw(this.field as unknown as ManifestField, this.field.default, this.match);
    if (flaw === undefined) return;
    const shown = this.field.type === 'password' ? '' : ` ${quote(JSON.stringify(this.field.default))}`;
    this.#add('MANIFEST_FIELD_DEFAULT', 'default', `${where(this.at)}: the default${shown} ${flaw}`);
  }

  #isSound(key: string): boolean {
    return this.problems.isSound([...this.at, key]);
  }

  #add(
    code: 'MANIFEST_FIELD_CONSTRAINT' | 'MANIFEST_FIELD_PATTERN' | 'MANIFEST_FIELD_DEFAULT',
    key: string,
    message: string,
    hint?: string,
  ): void {
    this.problems.add(code, { at: [...this.at, key] }, { message, hint });
  }
}

const isFieldType = (type: unknown): type is ManifestFieldType =>
  typeof type === 'string' && Object.hasOwn(CONSTRAINTS, type);
