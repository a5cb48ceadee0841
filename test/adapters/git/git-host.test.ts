import { join } from 'node:path';
import { createGitHost } from '../../../src/adapters/git/git-host.js';
import { gitHostContract } from '../../../src/testing/contracts/git-host.js';
import { buildRepository, openWorkshop } from './build-repository.js';

gitHostContract('Git', async (repository) => {
  const workshop = openWorkshop();
  const location = join(workshop.folder, 'repository');
  buildRepository(location, repository);
  return { host: createGitHost({ cacheFolder: join(workshop.folder, 'mirrors') }), location, dispose: workshop.dispose };
});
