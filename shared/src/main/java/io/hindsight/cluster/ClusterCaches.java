package io.hindsight.cluster;

import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import org.infinispan.configuration.cache.CacheMode;
import org.infinispan.configuration.cache.Configuration;
import org.infinispan.configuration.cache.ConfigurationBuilder;
import org.infinispan.configuration.global.GlobalConfigurationBuilder;
import org.infinispan.configuration.global.ShutdownHookBehavior;
import org.infinispan.configuration.parsing.ConfigurationBuilderHolder;
import org.infinispan.conflict.MergePolicy;
import org.infinispan.manager.DefaultCacheManager;
import org.infinispan.partitionhandling.PartitionHandling;
import org.infinispan.remoting.transport.jgroups.JGroupsTransport;

/**
 * What members keep in common, in memory alone: who listens where. Vert.x's manager of clusters asks for these caches by their names.
 *
 * <p>Members that were apart, because one came before the Hub or the network was cut, find each other again: what either side knows of its own members then
 * stays. Nobody waits for a majority: a node that is cut off goes on recording.
 */
final class ClusterCaches {
    private static final String[] REPLICATED = {"__vertx.subs", "__vertx.haInfo", "__vertx.nodeInfo"};
    private static final String TEMPLATE = "__vertx.distributed.cache.configuration";
    private static final String DEFAULT_CACHE = "distributed-cache";

    private ClusterCaches() {}

    /** Not started yet. */
    static DefaultCacheManager manager(ClusterChannel channel, String member) {
        ConfigurationBuilderHolder holder = new ConfigurationBuilderHolder(ClusterCaches.class.getClassLoader());
        GlobalConfigurationBuilder global = holder.getGlobalConfigurationBuilder();
        global.classLoader(ClusterCaches.class.getClassLoader()).cacheManagerName(ClusterChannel.NAME);
        global.transport()
                .defaultTransport()
                .clusterName(ClusterChannel.NAME)
                .nodeName(member)
                .addProperty(JGroupsTransport.CHANNEL_CONFIGURATOR, channel);
        global.defaultCacheName(DEFAULT_CACHE);
        // Nothing on disk, and nobody looks by JMX.
        global.globalState().disable();
        global.jmx().disable();
        // Whoever made the Vert.x closes it, and this with it.
        global.shutdown().hookBehavior(ShutdownHookBehavior.DONT_REGISTER);
        holder.newConfigurationBuilder(DEFAULT_CACHE).read(cache(CacheMode.DIST_SYNC));
        for (String name : REPLICATED) {
            holder.newConfigurationBuilder(name).read(cache(CacheMode.REPL_SYNC));
        }
        holder.newConfigurationBuilder(TEMPLATE).template(true).read(cache(CacheMode.DIST_SYNC));
        return new DefaultCacheManager(holder, false);
    }

    private static Configuration cache(CacheMode mode) {
        ConfigurationBuilder builder = new ConfigurationBuilder();
        builder.clustering()
                .cacheMode(mode)
                .partitionHandling()
                .whenSplit(PartitionHandling.ALLOW_READ_WRITES)
                .mergePolicy(MergePolicy.PREFERRED_NON_NULL);
        return builder.build();
    }

    /** A name that no other start of any member has. */
    static String memberName(String host, int port) {
        byte[] random = new byte[6];
        ThreadLocalRandom.current().nextBytes(random);
        return host + ":" + port + "-" + HexFormat.of().formatHex(random);
    }
}
