package io.hindsight.agent.capture.linux;

/**
 * A network interface as the kernel describes it.
 *
 * @param index {@code ifindex}
 * @param name as the kernel has it
 * @param hardwareType ARPHRD_ value
 * @param up whether it is switched on
 */
record Link(int index, String name, int hardwareType, boolean up) {}
