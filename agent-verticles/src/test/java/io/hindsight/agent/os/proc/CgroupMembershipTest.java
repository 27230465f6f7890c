package io.hindsight.agent.os.proc;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CgroupMembershipTest {
    private static final String ID = "a51a9f7d073f848e7fc59e56e8f11524f330a2175a4ed26327da2dfe0d28015f";
    private static final String POD = "/kubepods/burstable/pod15513b48-e7a5-48fc-b9e3-92f713f36504/" + ID;

    @Test
    void shouldReadVersion2() {
        assertThat(CgroupMembership.parse("0::" + POD + "\n")).contains(new CgroupMembership(POD, true));
        assertThat(CgroupMembership.parse("0::/\n")).contains(new CgroupMembership("/", true));
    }

    @Test
    void shouldReadVersion1() {
        assertThat(CgroupMembership.parse("12:rdma:/\n11:memory:" + POD + "\n1:name=systemd:" + POD + "\n"))
                .contains(new CgroupMembership(POD, false));
    }

    @Test
    void shouldPreferThePodOfAHybridSystemToTheServiceThatStartedIt() {
        assertThat(CgroupMembership.parse("5:cpu,cpuacct:" + POD + "\n0::/system.slice/containerd.service\n"))
                .contains(new CgroupMembership(POD, false));
    }

    @Test
    void shouldPreferThePodToTheContainerThatIsItsNode() {
        String node = "/docker/88ea268ece65a02d68b169fd74bcbcb427eb7f28900db0e3b906fb2eeb7341df";
        String text =
                "14:name=systemd:"
                        + node
                        + "/kubelet"
                        + POD
                        + "\n13:rdma:/\n0::"
                        + node
                        + "/system.slice/containerd.service";
        assertThat(CgroupMembership.parse(text)).contains(new CgroupMembership(node + "/kubelet" + POD, false));
    }

    @Test
    void shouldKeepColonsOfAPath() {
        String path = "/kubepods-pod87a18a64_b74a_454a_b10b_a4a36059d0a3.slice:cri-containerd:" + ID;
        assertThat(CgroupMembership.parse("11:devices:" + path + "\n0::/")).contains(new CgroupMembership(path, false));
    }

    @Test
    void shouldPreferAnyFolderToTheRoot() {
        assertThat(CgroupMembership.parse("4:memory:/batch/17\n9:name=systemd:/\n0::/\n"))
                .contains(new CgroupMembership("/batch/17", false));
    }

    @Test
    void shouldTakeOffTheKernelsMark() {
        assertThat(CgroupMembership.parse("0::/gone (deleted)\n")).contains(new CgroupMembership("/gone", true));
    }

    @Test
    void shouldMakeNothingOfWhatIsNoMembership() {
        assertThat(CgroupMembership.parse("")).isEmpty();
        assertThat(CgroupMembership.parse("0:\n::\nnonsense\n")).isEmpty();
    }
}
