// The table of Karmada's Clusters, which are built in and have no printer columns of a CRD.
import { age, condition, name, text, words } from './cells.ts';
import type { Column, TableColumns } from './table.ts';

const column = (title: string, priority: number): Column => ({
  name: title,
  type: 'string',
  format: title === 'Name' ? 'name' : '',
  description: `${title} of the cluster`,
  priority,
});

/** Clusters: what is shown by default, then what `-o wide` adds. */
export const clusterColumns: TableColumns = {
  columns: [
    ...['Name', 'Version', 'Mode', 'Ready', 'Age'].map(title => column(title, 0)),
    ...['Zones', 'Region', 'Provider', 'API-Endpoint', 'Proxy-URL'].map(title => column(title, 1)),
  ],
  cells: (cluster, now) => [
    name(cluster),
    text(cluster, 'status', 'kubernetesVersion'),
    text(cluster, 'spec', 'syncMode'),
    text(condition(cluster, 'Ready'), 'status') || 'Unknown',
    age(cluster, now),
    words(cluster, 'spec', 'zones').join(','),
    text(cluster, 'spec', 'region'),
    text(cluster, 'spec', 'provider'),
    text(cluster, 'spec', 'apiEndpoint'),
    text(cluster, 'spec', 'proxyURL'),
  ],
};
