import { type AuthorPosition } from '../../kernel/index.js';

/** A frame as V8 prints it in a stack; the types do not know that it can. */
export const printed = (frame: { toString(): string }): string => frame.toString();

/** A frame of V8's that names the author's place in a file, and tells all else as it was. */
export function mapCallSite(frame: NodeJS.CallSite, { file, line, column }: AuthorPosition): NodeJS.CallSite {
  const compiled = `${frame.getFileName()}:${frame.getLineNumber()}:${frame.getColumnNumber()}`;
  const text = printed(frame).replace(compiled, () => `${file}:${line}:${column}`);
  const answers: Partial<NodeJS.CallSite> & { toString(): string } = {
    getFileName: () => file,
    getScriptNameOrSourceURL: () => file,
    getLineNumber: () => line,
    getColumnNumber: () => column,
    toString: () => text,
  };
  return new Proxy(frame, {
    get(target, property): unknown {
      const value: unknown = Reflect.get(answers, property) ?? Reflect.get(target, property);
      // V8 answers only for the frame itself.
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
