import { nearest } from '../common/did-you-mean.js';
import {
  FIELD_KEY_PATTERN,
  HANDLER_PATTERN,
  JOB_KEY_PATTERN,
  NAME_PATTERN,
  PATH_PATTERN,
  PERMISSION_PATTERN,
  RESPONSE_STATUS_PATTERN,
  ROUTE_PATH_PATTERN,
  VERSION_PATTERN,
} from './patterns.js';
import { type ManifestProblemCode } from './problem-catalogue.js';
import { type ProblemText } from './problem-list.js';
import { quote } from './wording.js';

/** What it means that a text does not match a pattern of the schema. */
export interface PatternFlaw extends ProblemText {
  readonly code: ManifestProblemCode;
}

type Explain = (text: string) => PatternFlaw;

/** The flaw that a text has which does not match this pattern; `text` is the value, or the key. */
export function patternFlaw(pattern: string, text: string): PatternFlaw {
  const explain = EXPLANATIONS.get(pattern);
  return explain ? explain(text) : { code: 'MANIFEST_VALUE', message: `${quote(text)} does not match ${pattern}` };
}

const EXPLANATIONS = new Map<string, Explain>([
  [NAME_PATTERN, nameFlaw],
  [VERSION_PATTERN, versionFlaw],
  [PATH_PATTERN, pathFlaw],
  [HANDLER_PATTERN, handlerFlaw],
  [
    ROUTE_PATH_PATTERN,
    (text) => ({
      code: 'MANIFEST_ROUTE_PATH',
      message: `the path ${quote(text)} does not begin with a slash`,
      hint: `write ${quote(`/${text}`)}`,
    }),
  ],
  [
    JOB_KEY_PATTERN,
    (text) => ({
      code: 'MANIFEST_KEY_INVALID',
      message: `the job key ${quote(text)} is neither kebab-case nor camelCase, of 64 characters at most`,
      hint: suggestion(toKebabCase(text)),
    }),
  ],
  [
    FIELD_KEY_PATTERN,
    (text) => ({
      code: 'MANIFEST_KEY_INVALID',
      message: `the field key ${quote(text)} is not a letter followed by up to 63 letters, digits, \`_\` or \`-\``,
    }),
  ],
  [
    RESPONSE_STATUS_PATTERN,
    (text) => ({
      code: 'MANIFEST_KEY_INVALID',
      message: `${quote(text)} is no status such as \`200\`, \`2xx\` or \`default\``,
    }),
  ],
  [
    PERMISSION_PATTERN,
    (text) => ({
      code: 'MANIFEST_PERMISSION_INVALID',
      message: `the permission ${quote(text)} is not of the form \`area:action\``,
      hint: closestPermission(text),
    }),
  ],
]);

const HOST_PERMISSIONS = [
  'network:outbound',
  'network:listen',
  'filesystem:read',
  'filesystem:write',
  'process:spawn',
  'native:addons',
];

function nameFlaw(text: string): PatternFlaw {
  const kebab = toKebabCase(text);
  return {
    code: 'MANIFEST_NAME_INVALID',
    message: `the name ${quote(text)} is not kebab-case of 3 to 50 characters`,
    hint: kebab.length >= 3 && kebab.length <= 50 ? suggestion(kebab) : undefined,
  };
}

function versionFlaw(text: string): PatternFlaw {
  const message = `${quote(text)} is not a semantic version such as \`1.0.0\``;
  const loose = /^[vV=]?\s*(\d+)(?:\.(\d+))?(?:\.(\d+))?$/.exec(text.trim());
  if (!loose) return { code: 'MANIFEST_VERSION_INVALID', message };
  const [major, minor, patch] = loose.slice(1).map((part) => Number(part ?? 0));
  return { code: 'MANIFEST_VERSION_INVALID', message, hint: suggestion(`${major}.${minor}.${patch}`) };
}

function pathFlaw(text: string): PatternFlaw {
  if (leavesByItself(text)) return outside(text);
  return {
    code: 'MANIFEST_PATH_INVALID',
    message: `the path ${quote(text)} does not begin with \`./\``,
    hint: relativeSuggestion(text),
  };
}

function handlerFlaw(text: string): PatternFlaw {
  if (leavesByItself(text)) return outside(text);
  return {
    code: 'MANIFEST_HANDLER_INVALID',
    message: `the handler ${quote(text)} is none of \`./file#export\`, \`./file\` and \`export\``,
    hint: text.includes('/') || text.includes('.') ? relativeSuggestion(text) : undefined,
  };
}

/** An absolute path, or a URL with one. */
const leavesByItself = (text: string): boolean => /^(?:\/|\\|~|[a-zA-Z]:[/\\]|[a-z]+:\/\/)/.test(text);

const outside = (text: string): PatternFlaw => ({
  code: 'MANIFEST_PATH_OUTSIDE',
  message: `the path ${quote(text)} leaves the module's folder`,
  hint: 'write it relative to the folder, beginning with `./`',
});

/** Nothing where adding `./` would not make it right. */
function relativeSuggestion(text: string): string | undefined {
  const path = text.replaceAll('\\', '/').replace(/^\.?\/*/, './');
  return path !== text && path.length > 2 && !path.includes('\0') ? suggestion(path) : undefined;
}

function closestPermission(text: string): string | undefined {
  const closest = nearest(text.replace(/[./\s_]/, ':'), HOST_PERMISSIONS);
  return closest && suggestion(closest);
}

const toKebabCase = (text: string): string =>
  text
    .slice(0, 100)
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[-0-9]+|-+$/g, '');

const suggestion = (text: string): string | undefined => (text === '' ? undefined : `did you mean ${quote(text)}?`);
