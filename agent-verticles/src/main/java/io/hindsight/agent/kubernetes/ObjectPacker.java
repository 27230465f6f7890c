package io.hindsight.agent.kubernetes;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * Keeps objects small in memory: JSON, compressed against a dictionary of what such objects are made of, a fifth of their length. A pod as a tree of maps takes 20 KiB, packed less than
 * 1 KiB. Holds native memory until closed. Not thread-safe.
 */
final class ObjectPacker implements AutoCloseable {
    /** The longest JSON that is unpacked; none is packed that is longer. */
    static final int MAX_LENGTH = 4 << 20;

    private static final int LEVEL = 6;
    private static final int GROWTH = 4;

    private static final ObjectWriter WRITER = JsonMapper.builder().build().writer();
    private static final ObjectReader READER =
            JsonMapper.builder().build().readerFor(new TypeReference<Map<String, Object>>() {});

    /** What deflate finds matches in: the more common, the nearer the end. */
    private static final byte[] DICTIONARY =
            """
            "clusterIP":"10.96.0.1","clusterIPs":["10.96.0.1"],"internalTrafficPolicy":"Cluster","ipFamilies":["IPv4"],"ipFamilyPolicy":"SingleStack",\
            "selector":{"app":"sessionAffinity":"None","type":"ClusterIP"},"status":{"loadBalancer":{}}\
            "addressType":"IPv4","endpoints":[{"addresses":["10.244."],"conditions":{"ready":true,"serving":true,"terminating":false},"nodeName":"targetRef":{"kind":"Pod",\
            "zone":"ports":[{"name":"http","port":8080,"protocol":"TCP"}]\
            "tolerations":[{"effect":"NoExecute","key":"node.kubernetes.io/not-ready","operator":"Exists","tolerationSeconds":300},\
            {"effect":"NoExecute","key":"node.kubernetes.io/unreachable","operator":"Exists","tolerationSeconds":300}],\
            "volumes":[{"name":"kube-api-access-","projected":{"defaultMode":420,"sources":[{"serviceAccountToken":{"expirationSeconds":3607,"path":"token"}},\
            {"configMap":{"items":[{"key":"ca.crt","path":"ca.crt"}],"name":"kube-root-ca.crt"}},\
            {"downwardAPI":{"items":[{"fieldRef":{"apiVersion":"v1","fieldPath":"metadata.namespace"},"path":"namespace"}]}}]}}]\
            "livenessProbe":{"failureThreshold":3,"httpGet":{"path":"/healthz","port":8080,"scheme":"HTTP"},"initialDelaySeconds":10,"periodSeconds":10,"successThreshold":1,"timeoutSeconds":1},\
            "readinessProbe":{"failureThreshold":3,"httpGet":{"path":"/ready"\
            "dnsPolicy":"ClusterFirst","enableServiceLinks":true,"nodeName":"preemptionPolicy":"PreemptLowerPriority","priority":0,"restartPolicy":"Always",\
            "schedulerName":"default-scheduler","securityContext":{},"serviceAccount":"default","serviceAccountName":"default","terminationGracePeriodSeconds":30,\
            "containers":[{"image":"imagePullPolicy":"IfNotPresent","name":"ports":[{"containerPort":8080,"name":"http","protocol":"TCP"}],"resources":{"limits":{"cpu":"500m","memory":"512Mi"},\
            "requests":{"cpu":"100m","memory":"128Mi"}},"terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File",\
            "volumeMounts":[{"mountPath":"/var/run/secrets/kubernetes.io/serviceaccount","name":"kube-api-access-","readOnly":true}]}]\
            "status":{"conditions":[{"lastProbeTime":"lastTransitionTime":"2026-01-01T00:00:00Z","status":"True","type":"PodReadyToStartContainers"},\
            {"lastTransitionTime":"2026-","status":"True","type":"Initialized"},{"status":"True","type":"Ready"},{"status":"True","type":"ContainersReady"},{"status":"True","type":"PodScheduled"}],\
            "containerStatuses":[{"containerID":"containerd://","image":"docker.io/","imageID":"docker.io/library/@sha256:","lastState":{},"name":"ready":true,"restartCount":0,"started":true,\
            "state":{"running":{"startedAt":"2026-01-01T00:00:00Z"}}}],"hostIP":"10.0.0.1","hostIPs":[{"ip":"10.0.0.1"}],"phase":"Running","podIP":"10.244.0.1","podIPs":[{"ip":"10.244.0.1"}],\
            "qosClass":"Burstable","startTime":"2026-01-01T00:00:00Z"}\
            "apiVersion":"apps/v1","kind":"ReplicaSet","metadata":{"annotations":{"deployment.kubernetes.io/revision":"1"},"generation":1,\
            {"apiVersion":"v1","kind":"Pod","metadata":{"creationTimestamp":"2026-01-01T00:00:00Z","generateName":"labels":{"app":"app.kubernetes.io/instance":"app.kubernetes.io/name":"\
            app.kubernetes.io/managed-by":"Helm","pod-template-hash":"},"name":"namespace":"ownerReferences":[{"apiVersion":"apps/v1","blockOwnerDeletion":true,"controller":true,"kind":"ReplicaSet",\
            "name":"uid":"}],"resourceVersion":"1","uid":""spec":{"\
            """
                    .getBytes(StandardCharsets.UTF_8);

    private final Deflater deflater = new Deflater(LEVEL, true);
    private final Inflater inflater = new Inflater(true);
    private byte[] buffer = new byte[8 << 10];

    /** The object as JSON in UTF-8, not compressed. */
    static byte[] json(Map<String, Object> object) {
        try {
            return WRITER.writeValueAsBytes(object);
        } catch (JsonProcessingException e) {
            throw new HindsightException(ErrorCode.INTERNAL, "A Kubernetes object cannot be written as JSON.", e);
        }
    }

    /** Compresses {@link #json}. */
    byte[] pack(byte[] json) {
        deflater.reset();
        deflater.setDictionary(DICTIONARY);
        deflater.setInput(json);
        deflater.finish();
        int length = 0;
        while (!deflater.finished()) {
            if (length == buffer.length) {
                buffer = Arrays.copyOf(buffer, 2 * buffer.length);
            }
            length += deflater.deflate(buffer, length, buffer.length - length);
        }
        byte[] packed = Arrays.copyOf(buffer, length);
        shrink();
        return packed;
    }

    /** What {@link #pack} compressed, as an object. */
    Map<String, Object> unpack(byte[] packed) {
        inflater.reset();
        inflater.setDictionary(DICTIONARY);
        inflater.setInput(packed);
        try {
            int length = 0;
            while (!inflater.finished()) {
                if (length == buffer.length) {
                    buffer = Arrays.copyOf(buffer, GROWTH * buffer.length);
                }
                int inflated = inflater.inflate(buffer, length, buffer.length - length);
                if (inflated == 0 && !inflater.finished() && length < buffer.length) {
                    throw new DataFormatException("it ends early");
                }
                length += inflated;
            }
            Map<String, Object> object = READER.readValue(buffer, 0, length);
            shrink();
            return object;
        } catch (DataFormatException | IOException e) {
            throw new HindsightException(ErrorCode.INTERNAL, "A Kubernetes object in memory cannot be read.", e);
        }
    }

    /** One great object must not keep its room. */
    private void shrink() {
        if (buffer.length > 256 << 10) {
            buffer = new byte[8 << 10];
        }
    }

    @Override
    public void close() {
        deflater.end();
        inflater.end();
    }
}
