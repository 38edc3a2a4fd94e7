import { type JobHandler, type RouteHandler } from 'nestdock';

export const greet: RouteHandler = (request) => {
  const { name = 'world' } = request.params as { name?: string };
  return { message: `Hello, ${name}!` };
};

export const wave: JobHandler = ({ job, logger }) => {
  logger.info('A wave from hello');
  return { waved: job.scheduledAt };
};
