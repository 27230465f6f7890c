package io.hindsight.agent.os.proc;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Paths as containerd, CRI-O, Docker and Podman leave them, from bug reports and the tests of programs that read them. */
class ContainerPathsTest {
    private static final String A = "a534eb629135e43beb13213976e37bb2ab95cba4c0d1d0b4e27c6bc4d8091b83";
    private static final String B = "7edda1de1e0d1d366351e478359cf5fa16bb8ab53063a99bb119e56971bfb7e2";
    private static final String OUTER = "88ea268ece65a02d68b169fd74bcbcb427eb7f28900db0e3b906fb2eeb7341df";

    static Stream<Arguments> containers() {
        return Stream.of(
                // containerd, systemd driver: burstable, best effort, guaranteed
                Arguments.of(
                        "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod471203d1_984f_477e_9c35_db96487ffe5e.slice/cri-containerd-"
                                + A
                                + ".scope",
                        A,
                        "containerd",
                        "471203d1-984f-477e-9c35-db96487ffe5e"),
                Arguments.of(
                        "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod729d2f46_480d_4796_a76c_e227e2671d31.slice/cri-containerd-"
                                + A
                                + ".scope",
                        A,
                        "containerd",
                        "729d2f46-480d-4796-a76c-e227e2671d31"),
                Arguments.of(
                        "/kubepods.slice/kubepods-pod1858680e_b044_4fd5_9dd4_f137e30e2180.slice/cri-containerd-"
                                + A
                                + ".scope",
                        A,
                        "containerd",
                        "1858680e-b044-4fd5-9dd4-f137e30e2180"),
                // containerd, where Kubernetes uses systemd and containerd does not
                Arguments.of(
                        "/kubepods-besteffort-pod72f7f152_440c_66ac_9084_e0fc1d8a910c.slice:cri-containerd:" + A,
                        A,
                        "containerd",
                        "72f7f152-440c-66ac-9084-e0fc1d8a910c"),
                Arguments.of(
                        "/system.slice/containerd.service/kubepods-pod87a18a64_b74a_454a_b10b_a4a36059d0a3.slice:cri-containerd:"
                                + A,
                        A,
                        "containerd",
                        "87a18a64-b74a-454a-b10b-a4a36059d0a3"),
                Arguments.of(
                        "/kuberuntime.slice/containerd.service/kubepods-burstable-pod5be537b8_3a4e_4607_af71_31598b3a4fd3.slice:cri-containerd:"
                                + A,
                        A,
                        "containerd",
                        "5be537b8-3a4e-4607-af71-31598b3a4fd3"),
                // cgroupfs driver: the path does not tell the runtime
                Arguments.of(
                        "/kubepods/besteffort/pod85adbef3-622f-4ef2-8f60-a8bdf3eb6c72/" + B,
                        B,
                        null,
                        "85adbef3-622f-4ef2-8f60-a8bdf3eb6c72"),
                Arguments.of(
                        "/kubepods/burstable/pod15513b48-e7a5-48fc-b9e3-92f713f36504/" + B,
                        B,
                        null,
                        "15513b48-e7a5-48fc-b9e3-92f713f36504"),
                Arguments.of(
                        "/kubepods/pod1858680e-b044-4fd5-9dd4-f137e30e2180/" + B,
                        B,
                        null,
                        "1858680e-b044-4fd5-9dd4-f137e30e2180"),
                // a static pod: its uid is a digest
                Arguments.of(
                        "/kubelet/kubepods/burstable/pod48ea6dbad93797db01928fb7884b8154/" + B,
                        B,
                        null,
                        "48ea6dbad93797db01928fb7884b8154"),
                // CRI-O: both drivers, and the folder that it makes within
                Arguments.of(
                        "/kubepods.slice/kubepods-pod1858680e_b044_4fd5_9dd4_f137e30e2180.slice/crio-" + A + ".scope",
                        A,
                        "crio",
                        "1858680e-b044-4fd5-9dd4-f137e30e2180"),
                Arguments.of(
                        "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod0b7632a2_a56e_4278_987a_22de18008dbe.slice/crio-"
                                + A
                                + ".scope/container",
                        A,
                        "crio",
                        "0b7632a2-a56e-4278-987a-22de18008dbe"),
                Arguments.of(
                        "/kubepods/burstable/pod0b7632a2-a56e-4278-987a-22de18008dbe/crio-" + A,
                        A,
                        "crio",
                        "0b7632a2-a56e-4278-987a-22de18008dbe"),
                // Docker: both drivers, alone and under Kubernetes
                Arguments.of("/docker/" + B, B, "docker", null),
                Arguments.of("/docker/" + B + "/init.scope", B, "docker", null),
                Arguments.of("/system.slice/docker-" + B + ".scope", B, "docker", null),
                Arguments.of(
                        "/../../../kubepods-burstable.slice/kubepods-burstable-pod562c01d6_6aba_49fe_ae52_61c40c04eca4.slice/docker-"
                                + B
                                + ".scope",
                        B,
                        "docker",
                        "562c01d6-6aba-49fe-ae52-61c40c04eca4"),
                // nodes that are containers: kind, both drivers, and k3d
                Arguments.of(
                        "/docker/" + OUTER + "/kubelet/kubepods/burstable/poda5ea884f-9e60-4912-bd62-fef9a31db47a/" + B,
                        B,
                        null,
                        "a5ea884f-9e60-4912-bd62-fef9a31db47a"),
                Arguments.of(
                        "/system.slice/docker-"
                                + OUTER
                                + ".scope/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable.slice/kubelet-kubepods-burstable-pod1858680e_b044_4fd5_9dd4_f137e30e2180.slice/cri-containerd-"
                                + A
                                + ".scope",
                        A,
                        "containerd",
                        "1858680e-b044-4fd5-9dd4-f137e30e2180"),
                Arguments.of(
                        "/system.slice/docker-"
                                + OUTER
                                + ".scope/kubepods/besteffort/pod014985db-fbc4-4130-b0bd-ce878c609340/"
                                + B,
                        B,
                        null,
                        "014985db-fbc4-4130-b0bd-ce878c609340"),
                // what runs in such a node, but in none of its pods
                Arguments.of("/docker/" + OUTER + "/system.slice/containerd.service", OUTER, "docker", null),
                // Podman
                Arguments.of("/machine.slice/libpod-" + B + ".scope/container", B, null, null));
    }

    @ParameterizedTest
    @MethodSource("containers")
    void shouldNameTheContainer(String path, String id, @Nullable String runtime, @Nullable String podUid) {
        assertThat(ContainerPaths.container(path)).contains(new ContainerPath(id, runtime, podUid));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "",
                "/init.scope",
                "/user.slice/user-1000.slice/user@1000.service/app.slice",
                "/system.slice/containerd.service",
                "/system.slice/k3s.service",
                "/machine.slice/systemd-nspawn@delphix.uE0noy5.service/payload",
                "/lxc.payload.mycontainer",
                "/ecs/8474ac4cec7a4f488834b00591271ec3/8474ac4cec7a4f488834b00591271ec3-3054012820",
                "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod471203d1_984f_477e_9c35_db96487ffe5e.slice",
                "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod0b7632a2_a56e_4278_987a_22de18008dbe.slice/crio-conmon-0bc5eac79e3ae7a0c2651f14722aa10fa333eb2325c2ca97da33aa284cda81b0.scope",
                "/kubepods/burstable/pod0b7632a2-a56e-4278-987a-22de18008dbe/crio-conmon-0bc5eac79e3ae7a0c2651f14722aa10fa333eb2325c2ca97da33aa284cda81b0",
                "/machine.slice/libpod-conmon-55ea3863351726184e26ca7418f577d04c96dac0009e1f088f6c0c7a1dc2ed7c.scope",
                "/system.slice/docker-9ec39b91f3d7.scope",
                "/system.slice/docker-9EC39B91F3D70E1BEFF50A308F77067065EA6BE0D91A3378375056CD4422CF3D.scope",
                "/session-55ea3863351726184e26ca7418f577d04c96dac0009e1f088f6c0c7a1dc2ed7c.scope"
            })
    void shouldNameNoneWhereThereIsNone(String path) {
        assertThat(ContainerPaths.container(path)).isEmpty();
    }

    @Test
    void shouldNotLookAtPathsThatTheKernelCannotHave() {
        String path = "/a".repeat(ContainerPaths.MAX_PATH_LENGTH) + "/docker/" + B;
        assertThat(ContainerPaths.container(path)).isEmpty();
    }
}
