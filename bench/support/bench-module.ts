import { type ModuleFiles } from './bench-host.js';

export const manifest = (name: string) =>
  JSON.stringify({
    name,
    version: '1.0.0',
    displayName: name,
    description: 'A module of the benches',
    author: 'Nestdock',
    entry: './src/index.ts',
  });

/** A Nest module as people write them: a controller, a service, a DTO with class-validator, a pipe. */
export function nestModule(name: string, answer: number): ModuleFiles {
  return {
    'manifest.json': manifest(name),
    'src/index.ts': `
import { APP_PIPE } from '@nestjs/core';
import { Body, Controller, Get, Injectable, Module, Post, Query, ValidationPipe } from '@nestjs/common';
import { Type } from 'class-transformer';
import { IsArray, IsInt, IsOptional, IsString, Length, Max, Min, ValidateNested } from 'class-validator';

class Tag { @IsString() @Length(1, 20) name!: string; }

class CreateReading {
  @IsString() @Length(1, 40) meterId!: string;
  @IsInt() @Min(0) @Max(1_000_000) powerW!: number;
  @IsArray() @ValidateNested({ each: true }) @Type(() => Tag) tags!: Tag[];
}

class FindReadings { @IsOptional() @IsInt() @Type(() => Number) limit?: number; }

@Injectable()
class ReadingsService {
  readonly readings: CreateReading[] = [];
  answer() { return { answer: ${answer} }; }
}

@Controller('readings')
class ReadingsController {
  constructor(private readonly service: ReadingsService) {}
  @Get() list(@Query() query: FindReadings) { return { ...this.service.answer(), limit: query.limit }; }
  @Post() create(@Body() body: CreateReading) { this.service.readings.push(body); return body; }
}

@Module({
  controllers: [ReadingsController],
  providers: [ReadingsService, { provide: APP_PIPE, useFactory: () => new ValidationPipe({ transform: true }) }],
})
export default class ReadingsModule {}
`,
  };
}
