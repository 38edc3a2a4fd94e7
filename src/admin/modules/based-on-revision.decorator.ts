import { ApiHeader } from '@nestjs/swagger';

/** Describes a change that is made only where the module is as the operator has seen it. */
export const BasedOnRevision = (): MethodDecorator =>
  ApiHeader({
    name: 'If-Match',
    required: false,
    description: 'The `revision` that the module must have still, such as "7"',
  });
