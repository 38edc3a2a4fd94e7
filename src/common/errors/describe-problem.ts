import { type InputProblem, type Problem } from './problem.js';

const STACK_LINES = 6;

/** A problem as text for a log or a terminal: what happened, then each place that has to change. */
export function describeProblem({ detail, problems = [], stack }: Problem): string {
  const places = problems.map(describeInput);
  if (places.length === 1 && places[0]?.trim() === detail) return detail;
  if (places.length > 0) return [detail, ...places].join('\n');
  if (stack === undefined) return detail;
  return [detail, ...stack.split('\n').slice(0, STACK_LINES)].join('\n');
}

function describeInput({ file, line, column, pointer, message, hint }: InputProblem): string {
  const place = [file, line, column].filter((part) => part !== undefined).join(':');
  const at = [place, pointer].filter(Boolean).join(' ');
  return `  ${at ? `${at}: ` : ''}${message}${hint ? ` (${hint})` : ''}`;
}
