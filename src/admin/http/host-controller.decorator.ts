import { applyDecorators, Controller, UseFilters, UsePipes } from '@nestjs/common';
import { ApiBearerAuth, ApiDefaultResponse, ApiExtraModels, ApiTags, getSchemaPath } from '@nestjs/swagger';
import { PROBLEM_MEDIA_TYPE } from '../../common/errors/send-problem.js';
import { ProblemFilter } from './problem.filter.js';
import { ProblemResponse } from './problem.response.js';
import { RequestPipe } from './request.pipe.js';

/** Name of the bearer scheme in the OpenAPI document. */
export const ADMIN_TOKEN_SCHEME = 'admin-token';

/** A controller of the host's: checks its input by DTO, answers failures as problems, is shown under `tag`. */
export const HostController = (path: string, tag: string): ClassDecorator =>
  applyDecorators(
    Controller(path),
    UsePipes(RequestPipe),
    UseFilters(ProblemFilter),
    ApiTags(tag),
    ApiExtraModels(ProblemResponse),
    ApiDefaultResponse({
      description: 'A problem (RFC 9457); `code` says which',
      content: { [PROBLEM_MEDIA_TYPE]: { schema: { $ref: getSchemaPath(ProblemResponse) } } },
    }),
  );

/** A controller for operators, under `/api/v1`. The token itself is asked for by the `AdminTokenGuard`. */
export const AdminController = (path: string, tag: string): ClassDecorator =>
  applyDecorators(HostController(`api/v1/${path}`, tag), ApiBearerAuth(ADMIN_TOKEN_SCHEME));
