import { Controller, Get, Module, Param } from '@nestjs/common';

@Controller('greeter')
class GreeterController {
  @Get('greet/:who')
  greet(@Param('who') who: string): { greeting: string } {
    return { greeting: `Hello, ${who}!` };
  }
}

/** Served every way that the dispatch bench compares: its source is docked as well. */
@Module({ controllers: [GreeterController] })
export default class GreeterModule {}
