Feature: What a person did in an emergency is told to all, and Git says it in the end or it is put back

  Background:
    Given it is next Tuesday 09:00 in UTC
    And dana broke the glass for two hours and set the count of image-mirror to 7, because the queue fills up

  Scenario: It is on record by name, and everybody is told
    When the drift watch makes its pass
    Then the record says that dana broke the glass for image-mirror, because the queue fills up
    And people were told that it was break_glass
    And nothing was merged

  Scenario: It is told once, however often it is seen
    When the drift watch makes its pass
    And the drift watch makes its pass again
    Then the record says that dana broke the glass for image-mirror, because the queue fills up

  Scenario: While the time runs nothing is put back
    When the drift watch makes its pass
    Then nothing is proposed about image-mirror

  Scenario: When the time is over it is proposed to be put back, by the gate
    When the drift watch makes its pass
    And two hours have gone by
    And the drift watch makes its pass again
    Then it proposes to put back image-mirror
    And nothing was merged

  Scenario: What Git says by then is over
    When the drift watch makes its pass
    And somebody sets the count of image-mirror to 2 in the cluster
    And two hours have gone by
    And the drift watch makes its pass again
    Then nothing is proposed about image-mirror
    And the drift of image-mirror is over, and the record says why
