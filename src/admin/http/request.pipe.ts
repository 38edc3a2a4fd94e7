import { type ArgumentMetadata, Injectable, ValidationPipe } from '@nestjs/common';
import { type ValidationError } from 'class-validator';
import { NestdockError } from '../../common/errors/nestdock-error.js';
import { type InputProblem } from '../../common/errors/problem.js';

/** class-transformer and class-validator recurse: deeper input would end in a stack overflow. */
const MAX_DEPTH = 64;

/** Checks what host controllers take against its DTO; one problem for each field that is wrong, all at once. */
@Injectable()
export class RequestPipe extends ValidationPipe {
  constructor() {
    super({
      transform: true,
      whitelist: true,
      forbidNonWhitelisted: true,
      exceptionFactory: (errors) => requestInvalid(errors.flatMap((error) => fieldProblems(error))),
    });
  }

  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    if (isDeeper(value, MAX_DEPTH)) {
      throw requestInvalid([
        {
          code: 'FIELD_INVALID',
          pointer: '',
          message: `nests deeper than ${MAX_DEPTH} levels`,
          hint: 'send less depth',
        },
      ]);
    }
    // No body, or null, is a body without fields: what the DTO wants is then missing, what it does not want is not.
    return super.transform(metadata.type === 'body' ? (value ?? {}) : value, metadata);
  }
}

/** @throws nothing; the error to throw, with what is wrong with each field. */
export function requestInvalid(problems: readonly InputProblem[]): NestdockError {
  const detail = problems.map(({ message, pointer }) => (pointer ? `${pointer}: ${message}` : message)).join('; ');
  return new NestdockError('REQUEST_INVALID', detail, { problems });
}

function fieldProblems({ property, constraints, children = [] }: ValidationError, parent = ''): InputProblem[] {
  const pointer = `${parent}/${property.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  const below = children.flatMap((child) => fieldProblems(child, pointer));
  if (!constraints) return below;
  const code = 'whitelistValidation' in constraints ? 'FIELD_UNKNOWN' : 'FIELD_INVALID';
  return [{ code, pointer, message: Object.values(constraints).join(', ') }, ...below];
}

/** Level by level, without recursion. */
function isDeeper(value: unknown, levels: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > levels) return true;
    level = level.flatMap((item) =>
      typeof item === 'object' && item !== null ? Object.values(item as Record<string, unknown>) : [],
    );
  }
  return false;
}
