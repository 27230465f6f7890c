/**
 * What the tests of every module share, by way of this module's test-jar: guards for privileges and programs, the real packet tools, and
 * chunks made without the recorder.
 */
@NullMarked
package io.hindsight.testing;

import org.jspecify.annotations.NullMarked;
