import { type ApiBodyOptions } from '@nestjs/swagger';
import { type InputProblem } from '../../common/errors/problem.js';
import { requestInvalid } from '../http/request.pipe.js';

export type ValidateModuleRequest = { readonly manifest: unknown } | { readonly path: string };

export const VALIDATE_MODULE_BODY: ApiBodyOptions = {
  schema: {
    oneOf: [
      {
        type: 'object',
        required: ['manifest'],
        properties: { manifest: { type: 'object' } },
        additionalProperties: false,
      },
      { type: 'object', required: ['path'], properties: { path: { type: 'string' } }, additionalProperties: false },
    ],
  },
};

/**
 * Reads a body by hand: the manifest is any JSON at all, and no DTO may touch it before its own validator does.
 * @throws {NestdockError} REQUEST_INVALID
 */
export function readValidateModuleRequest(body: unknown): ValidateModuleRequest {
  const { manifest, path, ...unknown } = asObject(body);
  const problems: InputProblem[] = Object.keys(unknown).map((key) => ({
    code: 'FIELD_UNKNOWN',
    pointer: `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`,
    message: `property ${key} should not exist`,
  }));
  if ((manifest === undefined) === (path === undefined)) {
    problems.push({ code: 'FIELD_INVALID', pointer: '', message: 'give either `manifest` or `path`' });
  } else if (path !== undefined && !isPath(path)) {
    problems.push({ code: 'FIELD_INVALID', pointer: '/path', message: 'path must be the path of a folder' });
  }
  if (problems.length > 0) throw requestInvalid(problems);
  return isPath(path) ? { path } : { manifest };
}

const asObject = (body: unknown): Record<string, unknown> =>
  typeof body === 'object' && body !== null && !Array.isArray(body) ? (body as Record<string, unknown>) : {};

const isPath = (value: unknown): value is string =>
  typeof value === 'string' && value.length > 0 && !/\p{Cc}/u.test(value);
