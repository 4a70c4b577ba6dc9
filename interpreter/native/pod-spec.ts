// The parts of a pod's typed form that the interpreter reads. Values come out of typed.ts: quantities are canonical text.

export interface Named {
  readonly name?: string;
}

export interface Container extends Named {
  readonly resources?: { readonly requests?: Readonly<Record<string, string>>; readonly limits?: Readonly<Record<string, string>> };
  readonly env?: readonly { readonly valueFrom?: { readonly configMapKeyRef?: Named; readonly secretKeyRef?: Named } }[];
  readonly envFrom?: readonly { readonly configMapRef?: Named; readonly secretRef?: Named }[];
  readonly volumeMounts?: readonly unknown[];
}

export interface Volume extends Named {
  readonly configMap?: Named;
  readonly secret?: { readonly secretName?: string };
  readonly persistentVolumeClaim?: { readonly claimName?: string };
  readonly projected?: { readonly sources?: readonly { readonly configMap?: Named; readonly secret?: Named }[] };
  readonly azureFile?: { readonly secretName?: string };
  readonly cephfs?: { readonly secretRef?: Named };
  readonly cinder?: { readonly secretRef?: Named };
  readonly flexVolume?: { readonly secretRef?: Named };
  readonly rbd?: { readonly secretRef?: Named };
  readonly scaleIO?: { readonly secretRef?: Named };
  readonly iscsi?: { readonly secretRef?: Named };
  readonly storageos?: { readonly secretRef?: Named };
  readonly csi?: { readonly nodePublishSecretRef?: Named };
}

export interface PodSpec {
  readonly containers?: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly ephemeralContainers?: readonly Container[];
  readonly volumes?: readonly Volume[];
  readonly imagePullSecrets?: readonly Named[];
  readonly serviceAccountName?: string;
  readonly nodeName?: string;
  readonly overhead?: Readonly<Record<string, string>>;
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly tolerations?: readonly Readonly<Record<string, unknown>>[];
  readonly affinity?: {
    readonly nodeAffinity?: { readonly requiredDuringSchedulingIgnoredDuringExecution?: Readonly<Record<string, unknown>> };
  };
  readonly priorityClassName?: string;
}

export interface PodTemplate {
  readonly spec?: PodSpec;
}
