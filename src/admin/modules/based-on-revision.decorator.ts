import { applyDecorators } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';

/** A change that is made only where the module is as the operator has seen it. */
export const BasedOnRevision = (): MethodDecorator =>
  applyDecorators(
    ApiHeader({
      name: 'If-Match',
      required: false,
      description: 'The `revision` that the module must have still, such as "7"',
    }),
  );
