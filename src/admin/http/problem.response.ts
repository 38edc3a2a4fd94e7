import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ERROR_CATALOGUE, type ErrorCode } from '../../common/errors/catalogue.js';
import { type InputProblem, type Problem } from '../../common/errors/problem.js';

/** One thing that is wrong in an input. */
export class InputProblemResponse implements InputProblem {
  @ApiProperty({ example: 'FIELD_INVALID' }) readonly code!: string;
  @ApiProperty() readonly message!: string;
  @ApiPropertyOptional({ description: 'What to do', example: 'did you mean `schedule`?' }) readonly hint?: string;
  @ApiPropertyOptional({ description: 'JSON pointer (RFC 6901) into the document' }) readonly pointer?: string;
  @ApiPropertyOptional({ description: "File, relative to the module's folder" }) readonly file?: string;
  @ApiPropertyOptional({ type: 'integer', minimum: 1 }) readonly line?: number;
  @ApiPropertyOptional({ type: 'integer', minimum: 1 }) readonly column?: number;
}

/** A problem document (RFC 9457). */
export class ProblemResponse implements Problem {
  [extension: string]: unknown;
  @ApiProperty({ description: "Where the code's meaning is documented", example: '/docs/errors#module-not-found' })
  readonly type!: string;
  @ApiProperty({ description: 'What is wrong, the same for each occurrence' }) readonly title!: string;
  @ApiProperty({ type: 'integer', description: 'HTTP status' }) readonly status!: number;
  @ApiProperty({ description: 'Stable code to match on', enum: Object.keys(ERROR_CATALOGUE), enumName: 'ErrorCode' })
  readonly code!: ErrorCode;
  @ApiProperty({ description: 'What happened this time' }) readonly detail!: string;
  @ApiProperty({ description: 'What to do about it' }) readonly remedy!: string;
  @ApiPropertyOptional({ type: [InputProblemResponse], description: 'Everything that is wrong with an input' })
  readonly problems?: readonly InputProblemResponse[];
  @ApiPropertyOptional({ description: 'Stack of a failed load or run' }) readonly stack?: string;
}
