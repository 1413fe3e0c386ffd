#include "link/evaluate/measure.h"
#include "base/test.h"

TEST(the_part_that_makes_persons_is_found)
{
    static const char *const labels[] = { "rec-1-org", "rec-1-dup-0", "rec-2-org", "rec-3-org",
                                          "rec-2-dup-0" };
    Arena mem = { 0 };
    Err   err = { 0 };
    Truth t;
    CHECK_OK(truth_of_labels(&mem, labels, 5, -1, NULL, false, &t, &err), &err);
    CHECK_INT(t.part, 2);
    CHECK_INT(t.true_pairs, 2);
    CHECK_INT(truth_says(&t, 0, 1), TRUTH_SAME);
    CHECK_INT(truth_says(&t, 0, 2), TRUTH_DIFFERENT);
    arena_done(&mem);
}

TEST(a_blank_label_is_a_person_of_its_own)
{
    static const char *const labels[] = { "a", "", "", "a" };
    Arena mem = { 0 };
    Err   err = { 0 };
    Truth t;
    CHECK_OK(truth_of_labels(&mem, labels, 4, -1, NULL, false, &t, &err), &err);
    CHECK_INT(t.true_pairs, 1);
    arena_done(&mem);
}

TEST(a_truth_without_pairs_is_refused)
{
    static const char *const labels[] = { "a", "b", "c" };
    Arena mem = { 0 };
    Err   err = { 0 };
    Truth t;
    CHECK_FAILS(truth_of_labels(&mem, labels, 3, 1, NULL, false, &t, &err), &err, ERR_INVALID);
    arena_done(&mem);
}

TEST(a_list_with_false_pairs_is_all_that_is_known)
{
    static const LabelledPair pairs[] = { { 0, 1, true }, { 3, 2, false } };
    Arena mem = { 0 };
    Truth t;
    truth_of_pairs(&mem, pairs, 2, 5, NULL, false, &t);
    CHECK_INT(truth_says(&t, 1, 0), TRUTH_SAME);
    CHECK_INT(truth_says(&t, 2, 3), TRUTH_DIFFERENT);
    CHECK_INT(truth_says(&t, 0, 4), TRUTH_UNKNOWN);
    truth_of_pairs(&mem, pairs, 1, 5, NULL, false, &t);
    CHECK_INT(truth_says(&t, 0, 4), TRUTH_DIFFERENT);
    arena_done(&mem);
}

TEST(the_curve_counts_pairs_of_one_weight_together)
{
    static const LabelledPair labelled[] = { { 0, 1, true }, { 2, 3, true }, { 4, 5, true } };
    static const LinkPair scored[] = { { 0, 1, 9 }, { 2, 3, 5 }, { 0, 2, 5 }, { 0, 3, 1 } };
    Arena mem = { 0 };
    Truth t;
    truth_of_pairs(&mem, labelled, 3, 6, NULL, false, &t);
    Curve c = curve_of(&mem, &t, scored, 4, 100);
    CHECK_INT(c.count, 3);
    CHECK_INT(c.points[1].found, 3);
    CHECK_INT(c.points[1].right, 2);
    CHECK(c.best.threshold_bits == 5);
    CHECK(c.best.recall > 0.66 && c.best.recall < 0.67);
    arena_done(&mem);
}

TEST(clusters_are_measured_by_pairs_and_whole)
{
    static const char *const labels[] = { "a", "a", "a", "b", "b", "c" };
    static const uint32_t cluster[] = { 0, 0, 2, 3, 3, 5 };
    Arena mem = { 0 };
    Err   err = { 0 };
    Truth t;
    CHECK_OK(truth_of_labels(&mem, labels, 6, 0, NULL, false, &t, &err), &err);
    Measure pairs = measure_clusters(&t, cluster, 0), whole = measure_whole_clusters(&t, cluster, 0);
    CHECK_INT(pairs.found, 2);
    CHECK_INT(pairs.right, 2);
    CHECK(pairs.recall == 0.5);
    CHECK_INT(whole.found, 2);
    CHECK_INT(whole.right, 1);
    arena_done(&mem);
}

TEST_MAIN(the_part_that_makes_persons_is_found, a_blank_label_is_a_person_of_its_own,
          a_truth_without_pairs_is_refused, a_list_with_false_pairs_is_all_that_is_known,
          the_curve_counts_pairs_of_one_weight_together, clusters_are_measured_by_pairs_and_whole)
