import { createScanner, type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import { MAX_DEPTH } from './json-value.js';

/** A mistake in the text, at an offset into it. */
export interface TextFlaw {
  readonly code: 'MANIFEST_SYNTAX' | 'MANIFEST_TOO_DEEP';
  readonly offset: number;
  readonly message: string;
  readonly hint?: string;
}

export interface ParsedText {
  readonly flaws: readonly TextFlaw[];
  /** What could be made of the text; undefined where nothing could. */
  readonly tree: Node | undefined;
  /** Whether the tree is all that the text says, comments and trailing commas apart. */
  readonly complete: boolean;
}

/** jsonc-parser's `SyntaxKind`; a `const enum`, which isolated modules cannot import. */
const TOKEN = {
  openBrace: 1,
  closeBrace: 2,
  openBracket: 3,
  closeBracket: 4,
  comma: 5,
  lineComment: 12,
  blockComment: 13,
  lineBreak: 14,
  space: 15,
  end: 17,
};

const SYNTAX_MESSAGES: Readonly<Record<string, string>> = {
  PropertyNameExpected: 'a key in double quotes is expected here',
  ValueExpected: 'a value is expected here',
  ColonExpected: 'a colon is expected here',
  CommaExpected: 'a comma is expected here',
  CloseBraceExpected: 'a closing brace `}` is missing',
  CloseBracketExpected: 'a closing bracket `]` is missing',
  EndOfFileExpected: 'nothing more is expected after the end of the document',
  UnexpectedEndOfComment: 'a comment does not end',
  UnexpectedEndOfString: 'a string does not end on its line',
  UnexpectedEndOfNumber: 'a number is incomplete',
  InvalidUnicode: 'a `\\u` escape is incomplete',
  InvalidEscapeCharacter: 'a string has an escape that JSON does not know',
  InvalidCharacter: 'a string has a control character in it',
};

/**
 * Parses JSON strictly, with positions. Of mistakes that leave the rest readable (comments, trailing
 * commas) it names each, of others the first alone: what follows one is seldom a mistake of its own.
 */
export function parseJsonText(text: string): ParsedText {
  const { flaws, tooDeep } = scan(text);
  if (tooDeep) return { flaws: [tooDeep], tree: undefined, complete: false };
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { disallowComments: false, allowTrailingComma: true });
  const [first] = errors;
  if (first) return { flaws: [...flaws, syntaxFlaw(first)], tree, complete: false };
  if (flaws.length === 0) {
    const refused = refusal(text);
    if (refused) return { flaws: [refused], tree, complete: false };
  }
  return { flaws, tree, complete: tree !== undefined };
}

/** Looks at the tokens one by one: a parser would overflow its stack on a text that nests without end. */
function scan(text: string): { flaws: TextFlaw[]; tooDeep?: TextFlaw } {
  const scanner = createScanner(text);
  const flaws: TextFlaw[] = [];
  let depth = 0;
  let comma: number | undefined;
  for (let token: number = scanner.scan(); token !== TOKEN.end; token = scanner.scan()) {
    const offset = scanner.getTokenOffset();
    if (token === TOKEN.space || token === TOKEN.lineBreak) continue;
    if (token === TOKEN.lineComment || token === TOKEN.blockComment) {
      flaws.push({
        code: 'MANIFEST_SYNTAX',
        offset,
        message: 'JSON has no comments',
        hint: 'use a key that begins with `x-`',
      });
      continue;
    }
    const closes = token === TOKEN.closeBrace || token === TOKEN.closeBracket;
    if (closes) depth--;
    if (closes && comma !== undefined) {
      flaws.push({
        code: 'MANIFEST_SYNTAX',
        offset: comma,
        message: 'JSON has no comma before a closing brace or bracket',
      });
    }
    comma = token === TOKEN.comma ? offset : undefined;
    if (token === TOKEN.openBrace || token === TOKEN.openBracket) depth++;
    if (depth > MAX_DEPTH) {
      const message = `the manifest nests more than ${MAX_DEPTH} levels deep`;
      return { flaws, tooDeep: { code: 'MANIFEST_TOO_DEEP', offset, message } };
    }
  }
  return { flaws };
}

function syntaxFlaw({ error, offset }: ParseError): TextFlaw {
  const message = SYNTAX_MESSAGES[printParseErrorCode(error)] ?? 'this is not JSON';
  return { code: 'MANIFEST_SYNTAX', offset, message };
}

/** JavaScript's own parser has the last word on what is JSON. */
function refusal(text: string): TextFlaw | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return { code: 'MANIFEST_SYNTAX', offset: 0, message: `this is not JSON: ${(error as SyntaxError).message}` };
  }
}
