// Writes what the package exports, with types and doc comments' marks, to etc/*.api.md; with --check compares instead and fails when it differs. Works on the
// built declarations: run it after a build.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Extractor, ExtractorConfig } from '@microsoft/api-extractor';

const root = fileURLToPath(new URL('..', import.meta.url));
const check = process.argv.includes('--check');
let failed = false;

mkdirSync(join(root, 'etc'), { recursive: true });
for (const [entry, report] of [['index', 'codeloom'], ['testing', 'codeloom-testing'], ['neo4j', 'codeloom-neo4j'], ['postgres', 'codeloom-postgres'], ['redis', 'codeloom-redis'], ['s3', 'codeloom-s3'], ['temporal', 'codeloom-temporal'], ['github', 'codeloom-github'], ['http', 'codeloom-http'], ['metrics', 'codeloom-metrics'], ['notify', 'codeloom-notify']]) {
  const config = ExtractorConfig.prepare({
    packageJsonFullPath: join(root, 'package.json'),
    configObjectFullPath: undefined,
    configObject: {
      projectFolder: root,
      mainEntryPointFilePath: join(root, `dist/${entry}.d.ts`),
      compiler: { tsconfigFilePath: join(root, 'tsconfig.json') },
      apiReport: { enabled: true, reportFileName: `${report}.api.md`, reportFolder: join(root, 'etc'), reportTempFolder: join(root, 'node_modules/.cache/api-report') },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      newlineKind: 'lf',
      messages: {
        // The report is a picture of the types; how comments are written is not its business.
        compilerMessageReporting: { default: { logLevel: 'warning' } },
        extractorMessageReporting: {
          default: { logLevel: 'none' },
          // What a signature mentions and nobody can name. The types that the other entries speak of are codeloom's.
          'ae-forgotten-export': { logLevel: entry === 'index' ? 'error' : 'none' },
        },
        tsdocMessageReporting: { default: { logLevel: 'none' } },
      },
    },
  });
  const result = Extractor.invoke(config, { localBuild: !check, messageCallback: (message) => { if (message.logLevel === 'info' || message.logLevel === 'verbose') message.handled = true; } });
  if (result.errorCount > 0) failed = true;
  if (check && result.apiReportChanged) {
    failed = true;
    console.error(`What ${entry === 'index' ? 'codeloom' : `codeloom/${entry}`} exports is no longer what etc/${report}.api.md says. If that is meant, run: npm run api`);
  }
}
if (failed) process.exitCode = 1;
